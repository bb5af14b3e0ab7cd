/* The documents beside the journal: entries name them by hash, so that the chain covers them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

/* Key of an entry's data: {path in the migration's folder: sha256 of the file}. */
static const char files_key[] = "files";

void journal_bind(struct journal *journal, const char *path, const void *bytes, size_t length) {
    AUTO(string_free) char *folder = xasprintf("migrations/%s/", journal->migration);
    char hash[DIGEST_HEX_BYTES];
    digest_sha256_hex(bytes, length, hash);
    pairs_set(&journal->bound, path + strlen(folder), hash);
}

bool journal_rely(struct journal *journal, const char *path, struct error *err) {
    AUTO(text_clear) struct text bytes = { 0 };
    if (!gitstore_read(journal->store, path, &bytes, err))
        return false;
    journal_bind(journal, path, text_string(&bytes), bytes.length);
    return true;
}

static void copy_member(void *copy, const char *key, const struct json *value) {
    json_put(copy, key, json_share(value));
}

struct json *journal_name_files(struct journal *journal, const struct json *data) {
    if (!journal->bound.count)
        return data ? json_share(data) : json_new_object();
    struct json *copy = json_new_object(), *files = json_new_object();
    if (data)
        json_each(data, copy_member, copy);
    for (size_t i = 0; i < journal->bound.count; i++)
        json_put_string(files, journal->bound.items[i].name, journal->bound.items[i].value);
    json_put(copy, files_key, files);
    return copy;
}

static void add_named(void *named, const char *path, const struct json *hash) {
    pairs_set(named, path, json_string_of(hash) ? json_string_of(hash) : "");
}

/* A file that was written again, such as verify.json, is named again: the last one counts. */
static void named_files(const struct journal_entries *entries, struct pairs *out) {
    for (size_t i = 0; i < entries->count; i++) {
        const struct json *files =
            entries->items[i].data ? json_find(entries->items[i].data, files_key) : NULL;
        if (files)
            json_each(files, add_named, out);
    }
}

static bool ends_with(const char *path, const char *end) {
    size_t length = strlen(path), tail = strlen(end);
    return length >= tail && strcmp(path + length - tail, end) == 0;
}

/* An attachment is in memory until its commit: a crash between the two leaves an entry that names a
 * file that never came to be. Nothing is decided by attachments. */
static bool is_attachment(const char *path) {
    return strncmp(path, "runs/", 5) == 0 && !ends_with(path, "/run.json") &&
           !ends_with(path, "/config.yaml");
}

static void judge(const char *path, const char *named, const char *hash,
                  struct findings *findings) {
    if (strcmp(hash, named) == 0)
        return;
    if (*hash)
        finding_add(findings, SEVERITY_ERROR, "record-file", path,
                    "the file differs from the one that the journal names");
    else
        finding_add(findings, is_attachment(path) ? SEVERITY_WARNING : SEVERITY_ERROR,
                    "record-file", path, "the journal names this file, and it is missing");
}

bool journal_check_files(struct gitstore *store, const char *migration,
                         const struct journal_entries *entries, struct findings *findings,
                         struct error *err) {
    AUTO(pairs_clear) struct pairs named = { 0 };
    named_files(entries, &named);
    for (size_t i = 0; i < named.count; i++) {
        AUTO(string_free) char *path = migration_path(migration, "%s", named.items[i].name);
        AUTO(text_clear) struct text bytes = { 0 };
        AUTO(error_clear) struct error absent = { 0 };
        char hash[DIGEST_HEX_BYTES] = "";
        if (gitstore_read(store, path, &bytes, &absent)) {
            digest_sha256_hex(text_string(&bytes), bytes.length, hash);
        } else if (absent.code != ERROR_NOT_FOUND) {
            error_move(err, &absent);
            return false;
        }
        judge(named.items[i].name, named.items[i].value, hash, findings);
    }
    return true;
}
