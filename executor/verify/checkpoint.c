#include "executor/verify/checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "executor/verify/rows.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/json/json.h"

#define KEEP_EVERY_MS 5000
#define FILE_CEILING_BYTES ((size_t)256 << 20)

void checkpoint_clear(struct checkpoint *checkpoint) {
    if (!checkpoint)
        return;
    free(checkpoint->run_id);
    free(checkpoint->target_run_id);
    free(checkpoint->replid);
    free(checkpoint->done.items);
    verify_keys_clear(&checkpoint->waiting);
    *checkpoint = (struct checkpoint){ 0 };
}

struct json *verify_keys_write(const struct verify_keys *keys) {
    struct json *list = json_new_array();
    for (size_t i = 0; i < keys->count; i++) {
        const struct verify_key *key = &keys->items[i];
        AUTO(string_free) char *hex = xcalloc(2 * key->length + 1, 1);
        digest_hex((const uint8_t *)key->bytes, key->length, hex);
        struct json *entry = json_new_object();
        json_put_int(entry, "database", key->database);
        json_put_string(entry, "key", hex);
        json_append(list, entry);
    }
    return list;
}

static void add_from_hex(struct verify_keys *out, int64_t database, const char *hex) {
    size_t length = strlen(hex) / 2;
    AUTO(string_free) char *bytes = xcalloc(length + 1, 1);
    for (size_t i = 0; i < length; i++) {
        const char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
        bytes[i] = (char)strtol(pair, NULL, 16);
    }
    verify_keys_add(out, database, bytes, length);
}

void verify_keys_read(const struct json *list, struct verify_keys *out) {
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *entry = json_at(list, i);
        const char *hex = json_find_string(entry, "key");
        if (hex)
            add_from_hex(out, json_find_int(entry, "database", 0), hex);
    }
}

static bool same(const struct json *file, const char *name, const char *value) {
    const char *kept = json_find_string(file, name);
    return kept && value && strcmp(kept, value) == 0;
}

static bool is_cursor(const char *text) {
    return text && *text && text[strspn(text, "0123456789")] == '\0' &&
           strlen(text) < sizeof((struct checkpoint *)NULL)->cursor;
}

static bool is_of(const struct json *file, const struct checkpoint *checkpoint) {
    int64_t age_ms = clock_wall_ms() - json_find_int(file, "started_at_ms", 0);
    return same(file, "run_id", checkpoint->run_id) &&
           same(file, "target_run_id", checkpoint->target_run_id) &&
           same(file, "replid", checkpoint->replid) &&
           (json_find_int(file, "detached", 0) != 0) == checkpoint->detached && age_ms >= 0 &&
           age_ms <= CHECKPOINT_AGE_MS && is_cursor(json_find_string(file, "cursor"));
}

/* The counts of keys continue where they were; what is told by the servers, functions among it,
 * stays as it was found this time. */
static void put_back(struct verify_result *result, struct verify_result *kept) {
    int64_t functions = result->kinds.functions;
    result->keys_compared = kept->keys_compared;
    result->keys_equal = kept->keys_equal;
    result->keys_equal_at_once = kept->keys_equal_at_once;
    result->keys_hot = kept->keys_hot;
    result->keys_expiring = kept->keys_expiring;
    result->keys_unverifiable = kept->keys_unverifiable;
    result->kinds = kept->kinds;
    result->kinds.functions = functions;
    for (size_t i = 0; i < kept->databases.count; i++) {
        const struct verify_database *was = &kept->databases.items[i];
        struct verify_database *row = rows_find(&result->databases, was->database);
        if (row) {
            row->keys_compared = was->keys_compared;
            row->keys_equal = was->keys_equal;
        }
    }
    size_t ceiling = VERIFY_MISMATCH_CEILING_COUNT;
    for (size_t i = 0; i < kept->mismatches.count && result->mismatches.count < ceiling; i++)
        if (kept->mismatches.items[i].key_sha256)
            *LIST_ADD(&result->mismatches) = MOVE(kept->mismatches.items[i]);
}

/* Every mismatch of a key has its name, in the same order. */
static bool is_whole(const struct verify_result *kept, const struct verify_keys *names) {
    size_t wanted = 0;
    for (size_t i = 0; i < kept->mismatches.count; i++)
        wanted += kept->mismatches.items[i].key_sha256 != NULL;
    return names->count == wanted;
}

void checkpoint_finish(struct checkpoint *checkpoint, int64_t database) {
    size_t at;
    (void)rows_have(&checkpoint->done, database, &at);
}

static bool read_checkpoint(struct checkpoint *checkpoint, const struct json *file,
                            struct verify_result *result) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(verify_result_clear) struct verify_result kept = { 0 };
    AUTO(verify_keys_clear) struct verify_keys names = { 0 };
    const struct json *done = json_find(file, "done");
    verify_keys_read(json_find(file, "mismatched"), &names);
    if (!json_find(file, "result") ||
        !shape_read(&verify_result_shape, json_find(file, "result"), &kept, &err) ||
        !is_whole(&kept, &names))
        return false;
    put_back(result, &kept);
    verify_keys_read(json_find(file, "hot"), &result->hot);
    verify_keys_clear(&result->mismatched);
    result->mismatched = MOVE(names);
    verify_keys_read(json_find(file, "waiting"), &checkpoint->waiting);
    for (size_t i = 0; i < json_count(done); i++)
        checkpoint_finish(checkpoint, json_find_int(json_at(done, i), "database", -1));
    checkpoint->started_at_ms = json_find_int(file, "started_at_ms", checkpoint->started_at_ms);
    checkpoint->database = json_find_int(file, "database", -1);
    checkpoint->swept = json_find_int(file, "swept", 0) != 0;
    (void)snprintf(checkpoint->cursor, sizeof checkpoint->cursor, "%s",
                   json_find_string(file, "cursor"));
    result->resumed = true;
    return true;
}

bool checkpoint_check(const char *path, struct error *err) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(error_clear) struct error fault = { 0 };
    AUTO(json_free) struct json *file = NULL;
    AUTO(string_free) char *folder = path_folder(path);
    if (access(folder, W_OK | X_OK) != 0) {
        error_set(err, ERROR_IO, "the folder '%s' cannot be written to: %s", folder,
                  strerror(errno));
        return error_hint(err, "the checkpoint of a comparison is kept in a file of its own");
    }
    if (!path_exists(path))
        return true;
    if (!file_read(path, FILE_CEILING_BYTES, &bytes, err))
        return false;
    if (bytes.length == 0 || (json_parse(bytes.bytes, bytes.length, path, &file, &fault) &&
                              json_find_string(file, "run_id") && json_find_string(file, "cursor")))
        return true;
    error_set(err, ERROR_CONFLICT, "'%s' is not a checkpoint of a comparison", path);
    return error_hint(err, "name a file that does not exist yet, or remove this one");
}

void checkpoint_begin(struct checkpoint *checkpoint, const struct snapshot *source,
                      const struct snapshot *target, struct verify_result *result) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(json_free) struct json *file = NULL;
    checkpoint->run_id = xstrdup(source->run_id);
    checkpoint->target_run_id = xstrdup(target->run_id);
    checkpoint->replid = xstrdup(source->replid);
    checkpoint->started_at_ms = clock_wall_ms();
    checkpoint->saved_mono_ms = clock_mono_ms();
    checkpoint_enter(checkpoint, -1);
    if (checkpoint->path && path_exists(checkpoint->path) &&
        file_read(checkpoint->path, FILE_CEILING_BYTES, &bytes, &err) &&
        json_parse(bytes.bytes, bytes.length, checkpoint->path, &file, &err) &&
        is_of(file, checkpoint))
        (void)!read_checkpoint(checkpoint, file, result);
}

void checkpoint_turn(struct checkpoint *checkpoint) {
    checkpoint->swept = true;
    (void)snprintf(checkpoint->cursor, sizeof checkpoint->cursor, "0");
}

void checkpoint_enter(struct checkpoint *checkpoint, int64_t database) {
    checkpoint->database = database;
    checkpoint->swept = false;
    (void)snprintf(checkpoint->cursor, sizeof checkpoint->cursor, "0");
}

bool checkpoint_is_done(const struct checkpoint *checkpoint, int64_t database) {
    return rows_find(&checkpoint->done, database) != NULL;
}

bool checkpoint_is_due(const struct checkpoint *checkpoint) {
    return checkpoint->path && clock_mono_ms() - checkpoint->saved_mono_ms >= KEEP_EVERY_MS;
}

static void add_waiting(const struct suspects *suspects, struct verify_keys *out) {
    for (size_t i = 0; i < suspects->count; i++)
        verify_keys_add(out, suspects->items[i].key->database, suspects->items[i].key->bytes,
                        suspects->items[i].key->length);
}

void checkpoint_save(struct checkpoint *checkpoint, const struct verify_result *result,
                     const struct queue *queue) {
    if (!checkpoint->path)
        return;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *file = json_new_object();
    AUTO(verify_keys_clear) struct verify_keys waiting = { 0 };
    struct json *done = json_new_array();
    if (queue) {
        add_waiting(&queue->fresh, &waiting);
        add_waiting(&queue->big, &waiting);
        add_waiting(&queue->open, &waiting);
    }
    for (size_t i = 0; i < checkpoint->done.count; i++) {
        struct json *entry = json_new_object();
        json_put_int(entry, "database", checkpoint->done.items[i].database);
        json_append(done, entry);
    }
    json_put_string(file, "run_id", checkpoint->run_id);
    json_put_string(file, "target_run_id", checkpoint->target_run_id);
    json_put_string(file, "replid", checkpoint->replid);
    json_put_int(file, "detached", checkpoint->detached);
    json_put_int(file, "started_at_ms", checkpoint->started_at_ms);
    json_put(file, "done", done);
    json_put_int(file, "database", checkpoint->database);
    json_put_string(file, "cursor", checkpoint->cursor);
    json_put_int(file, "swept", checkpoint->swept);
    json_put(file, "result", shape_write(&verify_result_shape, result));
    json_put(file, "hot", verify_keys_write(&result->hot));
    json_put(file, "mismatched", verify_keys_write(&result->mismatched));
    json_put(file, "waiting", verify_keys_write(&waiting));
    AUTO(string_free) char *document = json_write(file, JSON_CANONICAL);
    (void)!file_write(checkpoint->path, document, strlen(document), 0600, &err);
    checkpoint->saved_mono_ms = clock_mono_ms();
}
