/* Every shard of the target takes a write and gives it back: one key of ours, gone at once. */
#include <string.h>

#include "executor/site/positions.h"
#include "executor/steps/step.h"
#include "schemas/base/memory.h"

/* A key of ours that this shard has the slot of. */
static char *probe_key(const char *run, const struct slots *slots) {
    for (int tag = 0;; tag++) {
        AUTO(string_free) char *key = xasprintf("ecmig:probe:%s:{%d}", run, tag);
        if (!slots_count(slots) || slots_have(slots, slot_of_key(key, strlen(key))))
            return TAKE(key);
    }
}

static bool write_and_read(struct redis_connection *target, const char *key, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *set = NULL, *get = NULL, *del = NULL;
    if (!redis_call(target, REDIS_NOW, &set, err, "SET", key, "1", "EX", "60", NULL) ||
        !redis_call(target, REDIS_NOW, &get, err, "GET", key, NULL) ||
        !redis_call(target, REDIS_NOW, &del, err, "DEL", key, NULL))
        return error_wrap(err, "writing to the target '%s'", redis_name(target));
    return strcmp(redis_text(get), "1") == 0 ||
           error_set(err, ERROR_FAILED, "the target '%s' did not return what was written",
                     redis_name(target));
}

static bool probe_writes(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    AUTO(many_clear) struct many targets = { 0 };
    AUTO(replications_clear) struct replications seen = { 0 };
    if (!site_targets(site, err))
        return false;
    site_list(site, SITE_TARGETS, &targets);
    if (!replication_ask_many(&targets, "replication", REDIS_NOW, &seen, err))
        return false;
    for (size_t g = 0; g < site->groups.count; g++) {
        struct redis_connection *primary = NULL;
        for (size_t i = 0; i < targets.count; i++)
            if (site->targets.items[i].group == g && seen.items[i].is_primary)
                primary = targets.items[i];
        if (!primary)
            return error_set(err, ERROR_FAILED, "shard '%s' of the target has no primary",
                             site->groups.items[g].id);
        AUTO(string_free)
        char *key = probe_key(journal_run(site->journal), &site->groups.items[g].slots);
        if (!write_and_read(primary, key, err))
            return false;
    }
    return true;
}

const struct step_runner step_probe_target = { .run = probe_writes };
