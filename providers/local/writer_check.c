/* Is every value that the writer was told of on the server? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/local/local.h"
#include "providers/local/writer.h"
#include "providers/redis/redis.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define LOG_CEILING_BYTES ((size_t)1 << 30)
#define BATCH 10000
#define ANSWER_MS 10000
#define VALUE_CEILING ((int64_t)1 << 30)

/* A value is acknowledged, and maybe found, by a bit each. */
struct values {
    unsigned char *flags;
    int64_t count; /* one past the highest */
};
enum value_flag { ACKNOWLEDGED = 1, FOUND = 2 };

static void values_clear(struct values *values) {
    free(values->flags);
}
AUTO_VALUE(struct values, values_clear)

static bool read_log(const char *dir, struct values *out, struct error *err) {
    AUTO(string_free) char *path = writer_file(dir, "acknowledged.log");
    AUTO(text_clear) struct text bytes = { .ceiling = LOG_CEILING_BYTES };
    if (!file_read(path, LOG_CEILING_BYTES, &bytes, err))
        return false;
    for (int pass = 0; pass < 2; pass++) {
        const char *at = text_string(&bytes), *end;
        for (; (end = strchr(at, '\n')); at = end + 1) {
            int64_t value = strtoll(at, NULL, 10);
            if (value < 0 || value >= VALUE_CEILING)
                return error_set(err, ERROR_FORMAT, "'%s' holds a line that is no value", path);
            if (pass)
                out->flags[value] |= ACKNOWLEDGED;
            else if (value >= out->count)
                out->count = value + 1;
        }
        if (!pass)
            out->flags = xcalloc((size_t)out->count + 1, 1);
    }
    return true;
}

static void mark(struct values *values, const struct redis_reply *reply) {
    for (size_t i = 0; i < reply->count; i++) {
        int64_t value = strtoll(redis_text(reply->elements[i]), NULL, 10);
        if (value >= 0 && value < values->count)
            values->flags[value] |= FOUND;
    }
}

static bool read_server(const char *address, struct values *values, struct error *err) {
    char host[256];
    struct redis_options options = { .host = host, .timeout_ms = ANSWER_MS };
    AUTO(redis_close) struct redis_connection *connection = NULL;
    if (!redis_address_parse(address, host, &options.port))
        return error_set(err, ERROR_USAGE, "'%s' is not HOST:PORT", address);
    if (!redis_open(&options, &connection, err))
        return false;
    for (int64_t first = 0;; first += BATCH) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        char from[24], to[24];
        snprintf(from, sizeof from, "%lld", (long long)first);
        snprintf(to, sizeof to, "%lld", (long long)(first + BATCH - 1));
        if (!redis_call(connection, REDIS_NOW, &reply, err, "LRANGE", LOCAL_WRITER_KEY, from, to,
                        NULL))
            return false;
        if (!reply->count)
            return true;
        mark(values, reply);
    }
}

bool local_check(const char *dir, const char *address, bool stop_writer, struct local_check *out,
                 struct error *err) {
    AUTO(values_clear) struct values values = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    struct writer_stats stats = { 0 };
    struct local_check check = { 0 };
    if (stop_writer)
        writer_stop(dir);
    if (!read_log(dir, &values, err)) {
        if (err->code == ERROR_NOT_FOUND)
            return error_hint(err, "start the writer with 'ecmig local up --writes N'");
        return false;
    }
    if (!read_server(address, &values, err))
        return false;
    for (int64_t value = 0; value < values.count; value++) {
        check.acknowledged_count += (values.flags[value] & ACKNOWLEDGED) != 0;
        if (values.flags[value] != ACKNOWLEDGED)
            continue;
        check.lost_count++;
        if (!check.first_lost)
            check.first_lost = value;
    }
    (void)!writer_stats_read(dir, &stats, &ignored);
    check.longest_wait_ms = stats.longest_wait_ms;
    check.refused_ms = stats.refused_ms;
    *out = check;
    return true;
}

bool local_switch(const char *dir, const char *address, struct error *err) {
    if (!writer_runs(dir)) {
        error_set(err, ERROR_NOT_FOUND, "no writer runs in '%s'", dir);
        return error_hint(err, "start one with 'ecmig local up --writes N'");
    }
    return writer_send_to(dir, address, err);
}

bool local_is_switched(const char *dir, const char *address, bool *out, struct error *err) {
    char now[300];
    if (!writer_address(dir, now, err))
        return false;
    *out = strcmp(now, address) == 0;
    return true;
}
