/* The target takes a write and gives it back: one key of ours, gone at once. */
#include <string.h>

#include "executor/steps/step.h"
#include "schemas/base/memory.h"

static bool probe_write(struct step_run *run, struct error *err) {
    struct redis_connection *target;
    AUTO(replication_clear) struct replication seen = { 0 };
    AUTO(redis_reply_free) struct redis_reply *set = NULL, *get = NULL, *del = NULL;
    AUTO(string_free) char *key = xasprintf("ecmig:probe:%s", journal_run(run->site->journal));
    if (!site_target(run->site, &target, err) ||
        !replication_ask(target, "replication", REDIS_NOW, &seen, err))
        return false;
    if (!seen.is_primary)
        return error_set(err, ERROR_FAILED, "the target '%s' is a replica", redis_name(target));
    if (!redis_call(target, REDIS_NOW, &set, err, "SET", key, "1", "EX", "60", NULL) ||
        !redis_call(target, REDIS_NOW, &get, err, "GET", key, NULL) ||
        !redis_call(target, REDIS_NOW, &del, err, "DEL", key, NULL))
        return error_wrap(err, "writing to the target '%s'", redis_name(target));
    return strcmp(redis_text(get), "1") == 0 ||
           error_set(err, ERROR_FAILED, "the target '%s' did not give back what was written",
                     redis_name(target));
}

const struct step_runner step_probe_target = { .run = probe_write };
