#include "providers/local/writer/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "providers/redis/redis.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/slots.h"
#include "schemas/json/shape.h"

#define LOGIN_CEILING_BYTES 4096

static const struct shape_field stats_rows[] = {
    FIELD(struct writer_stats, acknowledged_count, SHAPE_INT),
    FIELD(struct writer_stats, longest_wait_ms, SHAPE_INT),
    FIELD(struct writer_stats, refused_ms, SHAPE_INT),
    FIELD(struct writer_stats, error_count, SHAPE_INT),
};
static const struct shape stats_shape = SHAPE("writer statistics", struct writer_stats, stats_rows);

char *writer_file(const char *dir, const char *name) {
    return xasprintf("%s/writer/%s", dir, name);
}

void writer_parts_of(const struct shards *shards, struct writer_parts *out) {
    for (size_t i = 0; i < shards->count; i++) {
        struct writer_part *part = LIST_ADD(out);
        AUTO(error_clear) struct error ignored = { 0 };
        struct slots slots = { 0 };
        const char *text = shards->items[i].slots;
        part->cluster = text != NULL;
        part->suffix = text ? xasprintf("-%s", shards->items[i].id) : xstrdup("");
        part->prefix = xstrdup(WRITER_PREFIX);
        if (!text || !slots_parse(text, strlen(text), &slots, &ignored) || !slots_count(&slots))
            continue;
        for (int tag = 0, found = 0; !found; tag++) {
            free(part->prefix);
            part->prefix = xasprintf(WRITER_PREFIX ":{%d}", tag);
            found = slots_have(&slots, slot_of_key(part->prefix, strlen(part->prefix)));
        }
    }
}

static void writer_part_clear(struct writer_part *part) {
    free(part->prefix);
    free(part->suffix);
}

void writer_parts_clear(struct writer_parts *parts) {
    if (!parts)
        return;
    LIST_CLEAR(parts, writer_part_clear);
}

char *writer_part_key(const struct writer_part *part) {
    return xasprintf("%s:0", part->prefix);
}

char *writer_part_log(const char *dir, const struct writer_part *part) {
    return xasprintf("%s/writer/acknowledged%s.log", dir, part->suffix);
}

char *writer_part_stats(const char *dir, const struct writer_part *part) {
    return xasprintf("%s/writer/stats%s.json", dir, part->suffix);
}

bool writer_send_to(const char *dir, const char *address, struct error *err) {
    char host[256];
    uint16_t port = 0;
    AUTO(string_free) char *path = writer_file(dir, "endpoint");
    AUTO(string_free) char *line = xasprintf("%s\n", address);
    bool sentinels = strncmp(address, WRITER_SENTINEL_PREFIX, strlen(WRITER_SENTINEL_PREFIX)) == 0;
    if (!sentinels && !redis_address_parse(address, host, &port)) {
        error_set(err, ERROR_USAGE, "'%s' is not HOST:PORT", address);
        return error_hint(err, "for example 127.0.2.1:6379");
    }
    return file_write(path, line, strlen(line), 0600, err);
}

bool writer_address(const char *dir, char out[300], struct error *err) {
    AUTO(string_free) char *path = writer_file(dir, "endpoint");
    AUTO(text_clear) struct text bytes = { 0 };
    if (!file_read(path, 299, &bytes, err))
        return false;
    snprintf(out, 300, "%.*s", (int)strcspn(text_string(&bytes), "\n"), text_string(&bytes));
    return true;
}

bool writer_stats_read(const char *dir, const struct writer_part *part, struct writer_stats *out,
                       struct error *err) {
    AUTO(string_free) char *path = writer_part_stats(dir, part);
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(json_free) struct json *json = NULL;
    struct writer_stats stats = { 0 };
    if (!file_read(path, 65536, &bytes, err) ||
        !json_parse(text_string(&bytes), bytes.length, path, &json, err) ||
        !shape_read(&stats_shape, json, &stats, err))
        return false;
    *out = stats;
    return true;
}

char *writer_stats_text(const struct writer_stats *stats) {
    AUTO(json_free) struct json *json = shape_write(&stats_shape, stats);
    return json_write(json, JSON_PRETTY);
}

void writer_forget(const char *dir, const struct shards *shards) {
    AUTO(writer_parts_clear) struct writer_parts parts = { 0 };
    writer_parts_of(shards, &parts);
    for (size_t i = 0; i < parts.count; i++) {
        AUTO(string_free) char *log = writer_part_log(dir, &parts.items[i]);
        AUTO(string_free) char *stats = writer_part_stats(dir, &parts.items[i]);
        unlink(log);
        unlink(stats);
    }
}

static bool read_line(const char *path, struct text *out, struct error *err) {
    if (!file_read(path, LOGIN_CEILING_BYTES, out, err))
        return false;
    if (out->length && out->bytes[out->length - 1] == '\n')
        out->bytes[--out->length] = 0;
    return true;
}

bool writer_login(const char *dir, struct writer_login *out) {
    AUTO(string_free) char *path = writer_file(dir, "login");
    AUTO(text_clear) struct text page = { 0 };
    AUTO(text_clear) struct text password = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    if (!path_exists(path) || !read_line(path, &page, &ignored))
        return false;
    char *password_file = strchr(text_string(&page), '\n');
    if (!password_file)
        return false;
    *password_file++ = 0;
    if (!read_line(password_file, &password, &ignored))
        return false;
    out->user = *page.bytes ? xstrdup(page.bytes) : NULL;
    out->password = secret_new(text_string(&password), password.length);
    return true;
}

bool writer_log_in_as(const char *dir, const char *user, const char *password_file,
                      struct error *err) {
    AUTO(string_free) char *path = writer_file(dir, "login");
    AUTO(string_free) char *absolute = NULL;
    AUTO(text_clear) struct text password = { 0 };
    if (!path_absolute(password_file, &absolute, err) || !read_line(absolute, &password, err))
        return false;
    AUTO(string_free) char *page = xasprintf("%s\n%s\n", user ? user : "", absolute);
    return file_write(path, page, strlen(page), 0600, err);
}

void writer_login_clear(struct writer_login *login) {
    if (!login)
        return;
    free(login->user);
    secret_free(login->password);
    *login = (struct writer_login){ 0 };
}
