#include "executor/cutover/fence.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/site.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

#define FENCE_BASE ((int64_t)1 << 30)

char *fence_value(const char *run) {
    uint8_t digest[DIGEST_BYTES];
    digest_sha256(run, strlen(run), digest);
    int64_t bits = 0;
    for (size_t i = 0; i < 4; i++)
        bits = bits << 8 | digest[i];
    return xasprintf("%" PRId64, FENCE_BASE + (bits & (FENCE_BASE - 1)));
}

bool fence_is_any(const char *write_value) {
    return strtoll(write_value, NULL, 10) >= FENCE_BASE;
}

bool fence_read(struct redis_connection *node, struct fence_values *out, struct error *err) {
    AUTO(fence_values_clear)
    struct fence_values values = { .write_name = "min-replicas-to-write",
                                   .lag_name = "min-replicas-max-lag" };
    if (!site_setting(node, values.write_name, &values.write, err)) {
        if (err->code != ERROR_NOT_FOUND)
            return false;
        error_clear(err);
        values.write_name = "min-slaves-to-write";
        values.lag_name = "min-slaves-max-lag";
        if (!site_setting(node, values.write_name, &values.write, err))
            return false;
    }
    if (!site_setting(node, values.lag_name, &values.lag, err))
        return false;
    *out = values;
    values = (struct fence_values){ 0 };
    return true;
}

void fence_values_clear(struct fence_values *values) {
    if (!values)
        return;
    free(values->write);
    free(values->lag);
    *values = (struct fence_values){ 0 };
}

bool fence_set(struct redis_connection *node, const char *value, struct error *err) {
    AUTO(fence_values_clear) struct fence_values now = { 0 };
    if (!fence_read(node, &now, err))
        return error_wrap(err, "fence on '%s'", redis_name(node));
    if (fence_is_any(now.write) && strcmp(now.write, value) != 0)
        return error_set(err, ERROR_BLOCKED, "'%s' carries the fence of another run (%s)",
                         redis_name(node), now.write);
    /* With a lag limit of 0 the server would not look at the number at all. */
    if (strcmp(now.lag, "0") == 0 && !site_set(node, now.lag_name, "10", err))
        return error_wrap(err, "fence on '%s'", redis_name(node));
    return site_set(node, now.write_name, value, err) ||
           error_wrap(err, "fence on '%s'", redis_name(node));
}

bool fence_lift(struct redis_connection *node, const char *value, const char *write_before,
                const char *lag_before, struct error *err) {
    AUTO(fence_values_clear) struct fence_values now = { 0 };
    if (!fence_read(node, &now, err))
        return false;
    if (strcmp(now.write, value) != 0)
        return true;
    return site_set(node, now.write_name, write_before, err) &&
           (strcmp(now.lag, lag_before) == 0 || site_set(node, now.lag_name, lag_before, err));
}

bool fence_stands(struct redis_connection *node, const char *value, bool *stands,
                  struct error *err) {
    AUTO(fence_values_clear) struct fence_values now = { 0 };
    if (!fence_read(node, &now, err))
        return false;
    *stands = strcmp(now.write, value) == 0;
    return true;
}

/* A CLIENT LIST line of an ordinary client: not a replica or monitor, not ours, not a Sentinel. */
static bool is_ordinary(const char *line, int64_t *id) {
    const char *flags = strstr(line, " flags=");
    *id = strncmp(line, "id=", 3) == 0 ? strtoll(line + 3, NULL, 10) : 0;
    if (!flags || !*id || strstr(line, " name=ecmig:") || strstr(line, " name=sentinel-"))
        return false;
    size_t length = strcspn(flags + 7, " ");
    return !memchr(flags + 7, 'S', length) && !memchr(flags + 7, 'M', length) &&
           !memchr(flags + 7, 'O', length);
}

static bool each_client(struct redis_connection *node, bool end, int64_t *count,
                        struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *clients = NULL;
    if (!redis_call(node, REDIS_NOW, &clients, err, "CLIENT", "LIST", NULL))
        return false;
    *count = 0;
    for (char *line = clients->bytes; line && *line;) {
        size_t length = strcspn(line, "\n");
        bool last = !line[length];
        line[length] = '\0';
        int64_t number = 0;
        if (is_ordinary(line, &number)) {
            AUTO(string_free) char *id = xasprintf("%" PRId64, number);
            AUTO(redis_reply_free) struct redis_reply *reply = NULL;
            if (end && !redis_call(node, REDIS_NOW, &reply, err, "CLIENT", "KILL", "ID", id, NULL))
                return false;
            ++*count;
        }
        line += length + !last;
    }
    return true;
}

bool fence_end_clients(struct redis_connection *node, int64_t *ended, struct error *err) {
    return each_client(node, true, ended, err);
}

bool fence_count_clients(struct redis_connection *node, int64_t *count, struct error *err) {
    return each_client(node, false, count, err);
}
