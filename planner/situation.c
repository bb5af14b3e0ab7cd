#include "planner/situation.h"

#include <string.h>

#include "planner/sizes.h"
#include "planner/version.h"
#include "schemas/base/number.h"

static bool is_word(const char *value, const char *word) {
    return value && strcmp(value, word) == 0;
}

static bool is_ours(const struct situation *situation, const char *from) {
    return from && (is_word(situation->observed->history.started_from, from) ||
                    situation_node_index(situation, from, strlen(from)) >= 0);
}

/* With cluster mode each shard follows one of its own; one that does shows that it was started. */
static bool follows_source(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    bool follows = is_ours(situation, target->replicates_from);
    for (size_t i = 0; !follows && i < target->shard_list.count; i++)
        follows = is_ours(situation, target->shard_list.items[i].replicates_from);
    return follows;
}

static bool follows_anybody(const struct observed_target *target) {
    bool follows = target->replicates_from || (target->role && !is_word(target->role, "master"));
    for (size_t i = 0; !follows && i < target->shard_list.count; i++) {
        const struct observed_target_shard *shard = &target->shard_list.items[i];
        follows = shard->replicates_from || (shard->role && !is_word(shard->role, "master"));
    }
    return follows;
}

static bool is_finished(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    return situation->observed->history.finished && target->exists &&
           !is_word(target->status, "migrating") && !follows_anybody(target);
}

static bool all_reachable(const struct observed *observed) {
    const struct observed_target *target = &observed->target;
    for (size_t i = 0; i < observed->source.nodes.count; i++)
        if (!observed->source.nodes.items[i].reachable)
            return false;
    for (size_t i = 0; i < target->shard_list.count; i++)
        if (target->shard_list.items[i].problem)
            return false;
    return !target->exists || target->node_reachable || target->shard_list.count;
}

/* A start that has just been accepted shows nowhere yet: the journal knows of it. */
static void read_abort(struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    const struct observed_history *history = &situation->observed->history;
    situation->too_late = is_word(history->cutover, "switch_started");
    situation->sent = history->cutover && !is_word(history->cutover, "intent");
    situation->migrating =
        target->exists && (is_word(target->status, "migrating") || follows_anybody(target) ||
                           history->started_from || situation->sent);
    situation->gives_up =
        history->open && is_word(history->last_mode, plan_mode_names[PLAN_MIGRATE]);
    situation->removes =
        situation->gives_up && history->created_by && target->exists && !target->holds_keys;
}

static void read_primaries(struct situation *situation) {
    const struct observed_node *node, *first = NULL;
    struct primary_walk walk = { 0 };
    bool can_pause = true;
    while ((node = situation_next_primary(situation, &walk))) {
        int64_t bytes = node->dataset_bytes ? node->dataset_bytes : node->used_memory_bytes;
        first = first ? first : node;
        if (node->reachable && !situation->primary)
            situation->primary = node;
        situation->primaries++;
        situation->data_bytes = number_sum(situation->data_bytes, bytes);
        situation->shard_bytes = bytes > situation->shard_bytes ? bytes : situation->shard_bytes;
        can_pause = can_pause && version_at_least(node->version, 6, 2, 0);
    }
    situation->primary = situation->primary ? situation->primary : first;
    enum config_writes writes = situation->config->cutover.writes;
    situation->pauses = first && can_pause && writes == WRITES_PAUSE &&
                        situation->config->source.topology != TOPOLOGY_SENTINEL;
    situation->holds = situation->pauses || (first && writes == WRITES_HOOK);
}

void situation_read(const struct config *config, const struct observed *observed,
                    enum plan_mode mode, struct situation *out) {
    struct situation situation = { .mode = mode, .config = config, .observed = observed };
    situation.clustered = config->source.topology == TOPOLOGY_CLUSTER;
    read_primaries(&situation);
    /* What an abort has to give back stands in the journal: it need not wait for the source. */
    bool known = mode == PLAN_ABORT && observed->history.open;
    /* An abort gives the source back, also when a serverless cache has the target's name by now. */
    situation.serverless =
        mode == PLAN_MIGRATE && (config->target.serverless_cache || observed->target.serverless);
    situation.looked = !situation.serverless && situation.primary &&
                       (situation.primary->reachable || known) && observed->target.reachable;
    situation.complete = situation.looked && all_reachable(observed);
    situation.finished = is_finished(&situation);
    situation.replicating = follows_source(&situation);
    situation.promoted = situation_done(&situation, step_key_complete);
    situation.fences = config->cutover.writes != WRITES_NONE;
    read_abort(&situation);
    sizes_fit(&situation);
    *out = situation;
}

/* A standalone source is the node that the file names, no matter what it turned out to be. */
static bool has_shards(const struct situation *situation) {
    return situation->config->source.topology != TOPOLOGY_STANDALONE &&
           situation->observed->source.shards.count;
}

const struct observed_node *situation_next_primary(const struct situation *situation,
                                                   struct primary_walk *walk) {
    const struct observed_source *source = &situation->observed->source;
    if (!has_shards(situation))
        return walk->shard++ || !source->nodes.count ? NULL : &source->nodes.items[0];
    while (walk->shard < source->shards.count) {
        const char *address = source->shards.items[walk->shard++].primary;
        for (size_t i = 0; address && i < source->nodes.count; i++) {
            /* They are listed by shard: the search continues where the last one ended. */
            size_t at = (walk->node + i) % source->nodes.count;
            if (is_word(source->nodes.items[at].address, address)) {
                walk->node = at + 1;
                return &source->nodes.items[at];
            }
        }
    }
    return NULL;
}

bool situation_is_primary(const struct situation *situation, const struct observed_node *node) {
    const struct observed_source *source = &situation->observed->source;
    if (!has_shards(situation))
        return node == &source->nodes.items[0];
    for (size_t i = 0; i < source->shards.count; i++)
        if (node->address && is_word(source->shards.items[i].primary, node->address))
            return true;
    return false;
}

bool situation_done(const struct situation *situation, const char *key) {
    const struct observed_history *history = &situation->observed->history;
    return history->open && strings_has(&history->steps_done, key);
}

const char *situation_target_engine(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    return target->exists ? target->engine : situation->config->target.engine;
}

const char *situation_target_version(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    return target->exists ? target->engine_version : situation->config->target.engine_version;
}

const char *situation_target_node_type(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    return target->exists ? target->node_type : situation->config->target.node_type;
}

bool situation_creates(const struct situation *situation) {
    const struct config_target *wanted = &situation->config->target;
    return situation->mode == PLAN_MIGRATE && situation->observed->target.reachable &&
           !situation->observed->target.exists && wanted->create && !wanted->managed_by;
}

bool situation_service_is_local(const struct situation *situation) {
    return situation->observed->target.on_this_machine;
}

size_t situation_serving_shards(const struct situation *situation) {
    const struct observed_source *source = &situation->observed->source;
    size_t count = 0;
    for (size_t i = 0; i < source->shards.count; i++)
        count += source->shards.items[i].slots && *source->shards.items[i].slots;
    return situation->clustered ? count : 1;
}

const char *situation_followed(const struct observed_target *target) {
    const char *from = target->replicates_from;
    for (size_t i = 0; !from && i < target->shard_list.count; i++)
        from = target->shard_list.items[i].replicates_from;
    return from;
}

bool situation_target_clustered(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    return target->exists ? target->cluster_enabled : situation->clustered;
}

bool situation_is_fenced(const struct situation *situation, const struct observed_node *node) {
    const char *name = situation_fence_setting(node);
    return name && is_word(situation->observed->history.fence, pairs_find(&node->settings, name));
}

const char *situation_fence_setting(const struct observed_node *node) {
    static const char *const names[] = { "min-replicas-to-write", "min-slaves-to-write" };
    for (size_t i = 0; i < COUNT(names); i++)
        if (pairs_find(&node->settings, names[i]))
            return names[i];
    return NULL;
}

static bool is_text(const char *own, const char *text, size_t length) {
    return own && strlen(own) == length && strncmp(own, text, length) == 0;
}

bool situation_is_node(const struct observed_node *node, const char *address, size_t length) {
    return is_text(node->address, address, length) ||
           is_text(node->service_address, address, length);
}

int situation_node_index(const struct situation *situation, const char *address, size_t length) {
    for (size_t i = 0; i < situation->observed->source.nodes.count; i++)
        if (situation_is_node(&situation->observed->source.nodes.items[i], address, length))
            return (int)i;
    return -1;
}
