/* What the steps change, as facts. */
#include <inttypes.h>
#include <string.h>

#include "planner/describe.h"
#include "planner/layout.h"
#include "planner/modify.h"
#include "planner/sequence.h"
#include "schemas/base/memory.h"

static void add_target(struct plan_step *step, const char *name, const char *value) {
    AUTO(string_free) char *field = xasprintf("target.%s", name);
    if (value)
        effect_add(step, field, NULL, value);
}

static void add_number(struct plan_step *step, const char *name, int64_t number,
                       int64_t otherwise) {
    AUTO(string_free)
    char *value = xasprintf("%" PRId64, number == SHAPE_UNSET ? otherwise : number);
    add_target(step, name, value);
}

static void add_pairs(struct plan_step *step, const char *prefix, const struct pairs *pairs) {
    for (size_t i = 0; i < pairs->count; i++) {
        AUTO(string_free) char *name = xasprintf("%s.%s", prefix, pairs->items[i].name);
        add_target(step, name, pairs->items[i].value);
    }
}

/* The ranges of the source, so that the service need not move slots before it copies. */
static void add_layout(const struct situation *now, struct plan_step *step) {
    const struct observed_source *source = &now->observed->source;
    size_t number = 0;
    add_target(step, "cluster_enabled", "true");
    for (size_t i = 0; layout_is_creatable(source) && i < source->shards.count; i++) {
        const char *slots = source->shards.items[i].slots;
        if (!slots || !*slots)
            continue;
        AUTO(string_free) char *field = xasprintf("slots %04zu", ++number);
        effect_add(step, field, NULL, slots);
    }
}

/* What is left out of the file is made as a migration needs it: as many shards as the source has,
 * one replica, Multi-AZ. */
void effects_of_create(const struct situation *now, struct plan_step *step) {
    const struct config_target *wanted = &now->config->target;
    effect_add(step, "target.exists", "false", "true");
    add_target(step, "engine", wanted->engine);
    add_target(step, "engine_version", wanted->engine_version);
    add_target(step, "node_type", wanted->node_type);
    add_number(step, "shards", wanted->shards, (int64_t)situation_serving_shards(now));
    add_number(step, "replicas_per_shard", wanted->replicas_per_shard, 1);
    add_target(step, "multi_az", wanted->multi_az == TRI_NO ? "disabled" : "enabled");
    add_target(step, "transit_encryption", "false");
    add_target(step, "subnet_group", wanted->subnet_group);
    for (size_t i = 0; i < wanted->security_groups.count; i++) {
        AUTO(string_free) char *name = xasprintf("security_groups[%zu]", i);
        add_target(step, name, wanted->security_groups.items[i]);
    }
    add_target(step, "snapshot_window", wanted->snapshot_window);
    add_pairs(step, "parameters", &wanted->parameters);
    add_pairs(step, "tags", &wanted->tags);
    if (now->clustered)
        add_layout(now, step);
}

static void add_differences(const struct situation *now, enum modify_part part,
                            struct plan_step *step) {
    AUTO(differences_clear) struct differences changes = { 0 };
    modify_differences(now, part, &changes);
    for (size_t i = 0; i < changes.count; i++) {
        AUTO(string_free) char *field = xasprintf("target.%s", changes.items[i].field);
        effect_add(step, field, changes.items[i].seen, changes.items[i].wanted);
    }
}

void effects_of_replicas(const struct situation *now, struct plan_step *step) {
    add_differences(now, MODIFY_REPLICAS, step);
}

void effects_of_modify(const struct situation *now, struct plan_step *step) {
    add_differences(now, MODIFY_GROUP, step);
}

void effects_of_tags(const struct situation *now, struct plan_step *step) {
    add_differences(now, MODIFY_TAGS, step);
}

void effects_of_preferred(const struct situation *now, struct plan_step *step) {
    effect_add(step, "target.transit_mode", now->observed->target.transit_mode, "preferred");
}

void effects_of_required(const struct situation *now, struct plan_step *step) {
    (void)now;
    effect_add(step, "target.transit_mode", "preferred", "required");
}

static void add_to_shard(struct plan_step *step, size_t index, const char *name, const char *before,
                         const char *after) {
    AUTO(string_free) char *field = xasprintf("target.shard_list[%zu].%s", index, name);
    if (before || after)
        effect_add(step, field, before, after);
}

/* Each shard of a group that exists, on its way to its own primary or from it. */
static void add_shards(const struct situation *now, struct plan_step *step, bool starts) {
    const struct observed_target *target = &now->observed->target;
    for (size_t i = 0; i < target->shard_list.count; i++) {
        const struct observed_target_shard *shard = &target->shard_list.items[i];
        const struct observed_shard *own = layout_find(&now->observed->source, shard->slots);
        const char *from = shard->replicates_from ? shard->replicates_from
                           : own                  ? own->primary
                                                  : NULL;
        add_to_shard(step, i, "replicates_from", starts ? NULL : from, starts ? from : NULL);
        add_to_shard(step, i, "role", starts ? "master" : "slave", starts ? "slave" : "master");
    }
}

void effects_of_start(const struct situation *now, struct plan_step *step) {
    if (now->clustered) {
        add_shards(now, step, true);
    } else {
        effect_add(step, "target.replicates_from", NULL, migration_address(now));
        effect_add(step, "target.role", "master", "slave");
    }
    effect_add(step, "target.status", "available", "migrating");
}

void effects_of_complete(const struct situation *now, struct plan_step *step) {
    if (now->clustered) {
        add_shards(now, step, false);
    } else {
        effect_add(step, "target.replicates_from", migration_address(now), NULL);
        effect_add(step, "target.role", "slave", "master");
    }
    effect_add(step, "target.status", "migrating", "available");
}

/* Whatever of it is not so already: the group may have been promoted, or never have followed. */
void effects_of_force(const struct situation *now, struct plan_step *step) {
    const struct observed_target *target = &now->observed->target;
    if (target->replicates_from)
        effect_add(step, "target.replicates_from", target->replicates_from, NULL);
    if (target->role && strcmp(target->role, "master") != 0)
        effect_add(step, "target.role", target->role, "master");
    for (size_t i = 0; i < target->shard_list.count; i++) {
        const struct observed_target_shard *shard = &target->shard_list.items[i];
        if (shard->replicates_from)
            add_to_shard(step, i, "replicates_from", shard->replicates_from, NULL);
        if (shard->role && strcmp(shard->role, "master") != 0)
            add_to_shard(step, i, "role", shard->role, "master");
    }
    if (target->status && strcmp(target->status, "available") != 0)
        effect_add(step, "target.status", target->status, "available");
}

void effects_of_remove(const struct situation *now, struct plan_step *step) {
    effect_add(step, "target.exists", "true", "false");
    if (now->config->target.parameters.count)
        effect_add(step, "target.parameter_group", now->observed->target.parameter_group, NULL);
}

static void add_lifted(const struct situation *now, size_t index, const char *setting,
                       const char *what, struct plan_step *step) {
    const struct observed_node *node = &now->observed->source.nodes.items[index];
    AUTO(string_free) char *known = xasprintf("%s %s", node->address, what);
    AUTO(string_free) char *field = xasprintf("source.nodes[%zu].settings.%s", index, setting);
    const char *before = pairs_find(&now->observed->history.fence_before, known);
    const char *present = pairs_find(&node->settings, setting);
    if (before && present && strcmp(before, present) != 0)
        effect_add(step, field, present, before);
}

/* A node that does not answer carries the fence as far as anybody knows. */
static void add_unseen(const struct situation *now, size_t index, struct plan_step *step) {
    const struct observed_history *history = &now->observed->history;
    AUTO(string_free)
    char *known = xasprintf("%s write", now->observed->source.nodes.items[index].address);
    AUTO(string_free)
    char *field = xasprintf("source.nodes[%zu].settings.min-replicas-to-write", index);
    const char *before = pairs_find(&history->fence_before, known);
    if (history->fence && before)
        effect_add(step, field, history->fence, before);
}

void effects_of_lift(const struct situation *now, struct plan_step *step) {
    for (size_t i = 0; i < now->observed->source.nodes.count; i++) {
        const struct observed_node *node = &now->observed->source.nodes.items[i];
        const char *write = situation_fence_setting(node);
        if (!node->reachable)
            add_unseen(now, i, step);
        if (!situation_is_fenced(now, node))
            continue;
        bool old_name = strcmp(write, "min-slaves-to-write") == 0;
        add_lifted(now, i, write, "write", step);
        add_lifted(now, i, old_name ? "min-slaves-max-lag" : "min-replicas-max-lag", "lag", step);
    }
}
