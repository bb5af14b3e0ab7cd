#include "providers/local/writer/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/local/writer/client.h"
#include "providers/local/writer/files.h"
#include "providers/local/writer/writer.h"
#include "providers/redis/redis.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define LOG_CEILING_BYTES ((size_t)1 << 30)
#define BATCH 10000
#define ANSWER_MS 10000
#define REDIRECT_CEILING 5
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

static bool read_log(const char *dir, const struct writer_part *part, struct values *out,
                     struct error *err) {
    AUTO(string_free) char *path = writer_part_log(dir, part);
    AUTO(text_clear) struct text bytes = { .ceiling = LOG_CEILING_BYTES };
    if (!file_read(path, LOG_CEILING_BYTES, &bytes, err))
        return false;
    for (int pass = 0; pass < 2; pass++) {
        const char *at = text_string(&bytes), *end;
        for (; (end = strchr(at, '\n')); at = end + 1) {
            int64_t value = strtoll(at, NULL, 10);
            if (value < 0 || value >= VALUE_CEILING)
                return error_set(err, ERROR_FORMAT, "'%s' contains a line that is not a value",
                                 path);
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

static bool read_batch(struct writer_client *client, const char *key, int64_t first,
                       struct redis_reply **out, struct error *err) {
    char from[24], to[24];
    snprintf(from, sizeof from, "%lld", (long long)first);
    snprintf(to, sizeof to, "%lld", (long long)(first + BATCH - 1));
    for (int redirects = 0; redirects <= REDIRECT_CEILING; redirects++) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        char server[WRITER_ADDRESS_BYTES];
        bool once = false;
        if (!writer_client_open(client, err))
            return false;
        redis_queue_words(client->connection, "LRANGE", key, from, to, NULL);
        redis_exchange(&client->connection, 1, clock_mono_ms() + ANSWER_MS);
        if (!redis_take(client->connection, &reply, err))
            return false;
        if (reply->type != REDIS_FAULT) {
            *out = TAKE(reply);
            return true;
        }
        if (!writer_client_redirect(client, reply, server, &once))
            return error_set(err, ERROR_REFUSED, "%s: %s", redis_name(client->connection),
                             reply->bytes);
        writer_client_drop(client, false);
        snprintf(client->server, sizeof client->server, "%s", server);
    }
    return error_set(err, ERROR_FAILED, "'%s' is redirected endlessly", key);
}

static bool read_server(const char *dir, const char *address, const struct writer_part *part,
                        struct values *values, struct error *err) {
    AUTO(writer_client_clear)
    struct writer_client client = { .dir = dir, .cluster = part->cluster };
    AUTO(string_free) char *key = writer_part_key(part);
    char host[256];
    uint16_t port = 0;
    if (!redis_address_parse(address, host, &port))
        return error_set(err, ERROR_USAGE, "'%s' is not HOST:PORT", address);
    writer_client_send_to(&client, address);
    for (int64_t first = 0;; first += BATCH) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!read_batch(&client, key, first, &reply, err))
            return false;
        if (!reply->count)
            return true;
        mark(values, reply);
    }
}

static void count(const struct values *values, struct local_check_part *out) {
    for (int64_t value = 0; value < values->count; value++) {
        out->acknowledged_count += (values->flags[value] & ACKNOWLEDGED) != 0;
        if (values->flags[value] != ACKNOWLEDGED)
            continue;
        out->lost_count++;
        if (!out->first_lost)
            out->first_lost = value;
    }
}

static bool check_part(const char *dir, const char *address, const struct writer_part *part,
                       struct local_check_part *out, struct error *err) {
    AUTO(values_clear) struct values values = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    struct writer_stats stats = { 0 };
    if (!read_log(dir, part, &values, err)) {
        if (err->code == ERROR_NOT_FOUND)
            return error_hint(err, "start the writer with 'ecmig local up --writes N'");
        return false;
    }
    if (!read_server(dir, address, part, &values, err))
        return false;
    out->key = writer_part_key(part);
    count(&values, out);
    (void)!writer_stats_read(dir, part, &stats, &ignored);
    out->longest_wait_ms = stats.longest_wait_ms;
    out->refused_ms = stats.refused_ms;
    return true;
}

static void add_up(struct local_check_part *total, const struct local_check_part *part) {
    total->acknowledged_count += part->acknowledged_count;
    total->lost_count += part->lost_count;
    if (!total->first_lost)
        total->first_lost = part->first_lost;
    if (part->longest_wait_ms > total->longest_wait_ms)
        total->longest_wait_ms = part->longest_wait_ms;
    if (part->refused_ms > total->refused_ms)
        total->refused_ms = part->refused_ms;
}

bool local_check(const char *dir, const char *address, bool stop_writer, struct local_check *out,
                 struct error *err) {
    AUTO(state_clear) struct state state = { 0 };
    AUTO(writer_parts_clear) struct writer_parts parts = { 0 };
    AUTO(local_check_clear) struct local_check check = { 0 };
    if (stop_writer)
        writer_stop(dir);
    if (!state_load(dir, &state, err))
        return false;
    writer_parts_of(&state.source_shards, &parts);
    if (!parts.count) {
        error_set(err, ERROR_NOT_FOUND, "no source in '%s'", dir);
        return error_hint(err, "start one with 'ecmig local up --source KIND --writes N'");
    }
    for (size_t i = 0; i < parts.count; i++) {
        struct local_check_part *part = LIST_ADD(&check.parts);
        if (!check_part(dir, address, &parts.items[i], part, err))
            return false;
        add_up(&check.total, part);
    }
    *out = MOVE(check);
    return true;
}

static void local_check_part_clear(struct local_check_part *part) {
    free(part->key);
}

void local_check_clear(struct local_check *check) {
    if (!check)
        return;
    LIST_CLEAR(&check->parts, local_check_part_clear);
    *check = (struct local_check){ 0 };
}

bool local_switch(const char *dir, const char *address, struct error *err) {
    if (!writer_runs(dir)) {
        error_set(err, ERROR_NOT_FOUND, "no writer runs in '%s'", dir);
        return error_hint(err, "start one with 'ecmig local up --writes N'");
    }
    return writer_send_to(dir, address, err);
}

bool local_is_switched(const char *dir, const char *address, bool *out, struct error *err) {
    char now[WRITER_ADDRESS_BYTES];
    if (!writer_address(dir, now, err))
        return false;
    *out = strcmp(now, address) == 0;
    return true;
}
