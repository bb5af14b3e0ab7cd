#include "planner/situation.h"

#include <string.h>

#include "planner/version.h"

static bool follows_source(const struct situation *now) {
    const char *from = now->observed->target.replicates_from;
    const char *ours = now->observed->history.started_from;
    if (!from)
        return false;
    if (ours && strcmp(from, ours) == 0)
        return true;
    return situation_node_index(now, from, strlen(from)) >= 0;
}

static bool is_finished(const struct situation *now) {
    const struct observed_target *target = &now->observed->target;
    bool migrating = target->status && strcmp(target->status, "migrating") == 0;
    bool is_replica = target->role && strcmp(target->role, "master") != 0;
    return now->observed->history.finished && target->exists && !migrating && !is_replica &&
           !target->replicates_from;
}

static bool all_reachable(const struct observed *observed) {
    for (size_t i = 0; i < observed->source.nodes.count; i++)
        if (!observed->source.nodes.items[i].reachable)
            return false;
    return !observed->target.exists || observed->target.node_reachable;
}

static bool is_word(const char *value, const char *word) {
    return value && strcmp(value, word) == 0;
}

/* A start that has just been accepted shows nowhere yet: the journal knows of it. */
static void read_abort(struct situation *now) {
    const struct observed_target *target = &now->observed->target;
    const struct observed_history *history = &now->observed->history;
    now->too_late = is_word(history->cutover, "switch_started");
    now->sent = history->cutover && !is_word(history->cutover, "intent");
    now->migrating =
        target->exists && (is_word(target->status, "migrating") || target->replicates_from ||
                           history->started_from || now->sent);
    now->gives_up = history->open && is_word(history->last_mode, plan_mode_names[PLAN_MIGRATE]);
}

void situation_read(const struct config *config, const struct observed *observed,
                    enum plan_mode mode, struct situation *out) {
    struct situation now = { .mode = mode, .config = config, .observed = observed };
    enum config_writes writes = config->cutover.writes;
    if (observed->source.nodes.count)
        now.primary = &observed->source.nodes.items[0];
    now.looked = now.primary && now.primary->reachable && observed->target.reachable;
    now.complete = now.looked && all_reachable(observed);
    now.finished = is_finished(&now);
    now.replicating = follows_source(&now);
    now.promoted = situation_done(&now, "cutover/complete");
    now.fences = writes != WRITES_NONE;
    read_abort(&now);
    if (now.primary) {
        now.holds = writes == WRITES_PAUSE && version_at_least(now.primary->version, 6, 2, 0);
        now.data_bytes = now.primary->dataset_bytes ? now.primary->dataset_bytes
                                                    : now.primary->used_memory_bytes;
    }
    *out = now;
}

bool situation_done(const struct situation *now, const char *key) {
    const struct observed_history *history = &now->observed->history;
    return history->open && strings_has(&history->steps_done, key);
}

const char *situation_target_engine(const struct situation *now) {
    const struct observed_target *target = &now->observed->target;
    return target->exists ? target->engine : now->config->target.engine;
}

const char *situation_target_version(const struct situation *now) {
    const struct observed_target *target = &now->observed->target;
    return target->exists ? target->engine_version : now->config->target.engine_version;
}

const char *situation_target_node_type(const struct situation *now) {
    const struct observed_target *target = &now->observed->target;
    return target->exists ? target->node_type : now->config->target.node_type;
}

bool situation_service_is_local(const struct situation *now) {
    return now->observed->target.on_this_machine;
}

bool situation_is_fenced(const struct situation *now, const struct observed_node *node) {
    const char *name = situation_fence_setting(node);
    return name && is_word(now->observed->history.fence, pairs_find(&node->settings, name));
}

const char *situation_fence_setting(const struct observed_node *node) {
    static const char *const names[] = { "min-replicas-to-write", "min-slaves-to-write" };
    for (size_t i = 0; i < COUNT(names); i++)
        if (pairs_find(&node->settings, names[i]))
            return names[i];
    return NULL;
}

int situation_node_index(const struct situation *now, const char *address, size_t length) {
    for (size_t i = 0; i < now->observed->source.nodes.count; i++) {
        const char *own = now->observed->source.nodes.items[i].address;
        if (own && strlen(own) == length && strncmp(own, address, length) == 0)
            return (int)i;
    }
    return -1;
}
