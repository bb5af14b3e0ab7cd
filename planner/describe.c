#include "planner/describe.h"

#include <inttypes.h>
#include <string.h>

#include "planner/sequence.h"
#include "planner/settings.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define DESCRIBE(kind)                                                                             \
    void describe_##kind(const struct situation *now, const struct plan_core *core,                \
                         const struct plan_step *step, struct text *reason)
#define UNUSED() ((void)(now), (void)(core), (void)(step))

static const char *setting_name(const struct plan_step *step) {
    return strrchr(step->key, '/') + 1;
}

static const char *id_of(const struct plan_core *core, enum step_kind kind) {
    const struct plan_step *step = sequence_step(core, kind);
    return step ? step->id : "the switch";
}

DESCRIBE(source_setting) {
    UNUSED();
    const struct source_setting *setting;
    text_addf(reason, "set %s on %s", setting_name(step), step->object);
    for (size_t i = 0; (setting = setting_at(i)); i++)
        if (strcmp(setting->name, setting_name(step)) == 0)
            text_addf(reason, ": %s", setting->why);
}

DESCRIBE(prove_rights) {
    UNUSED();
    text_addf(reason, "prove the right to fence%s and to end clients on %s",
              now->holds ? ", to pause" : "", step->object);
}

DESCRIBE(create_group) {
    UNUSED();
    text_addf(reason, "replication group %s, TLS off while copying", step->object);
}

DESCRIBE(test_migration) {
    UNUSED();
    text_add(reason, "TestMigration: the target can reach the source");
}

const char *migration_address(const struct situation *now) {
    const char *started_from = now->observed->history.started_from;
    if (now->replicating)
        return now->observed->target.replicates_from;
    return now->promoted && started_from ? started_from : now->primary->address;
}

DESCRIBE(start_migration) {
    UNUSED();
    text_addf(reason, "StartMigration: copy everything from %s, and follow it",
              migration_address(now));
}

DESCRIBE(sync) {
    UNUSED();
    const struct config_in_sync *in_sync = &now->config->replication.in_sync;
    text_add(reason, "wait until lag < ");
    units_add_bytes(reason, in_sync->max_lag_bytes);
    text_add(reason, " for ");
    units_add_duration(reason, in_sync->for_ms);
}

static void describe_verify(const struct config_verify_step *verify, struct text *reason) {
    switch (verify->mode) {
    case VERIFY_FULL:
        text_add(reason, "compare every key");
        return;
    case VERIFY_SAMPLE:
        text_add(reason, "compare ");
        units_add_count(reason, verify->keys);
        text_add(reason, " keys");
        return;
    case VERIFY_COUNT:
    case VERIFY_NONE:
        text_add(reason, "compare key counts");
        return;
    }
}

DESCRIBE(compare) {
    UNUSED();
    describe_verify(&now->config->verify.before_cutover, reason);
}

DESCRIBE(gate) {
    UNUSED();
    text_add(reason, "the cutover waits here");
}

DESCRIBE(hold) {
    UNUSED();
    text_add(reason, "hold writers on the source (they wait), at most ");
    units_add_duration(reason, now->config->cutover.max_write_pause_ms);
}

DESCRIBE(catch_up) {
    UNUSED();
    text_add(reason, "target has every write the source had");
}

DESCRIBE(complete) {
    UNUSED();
    if (now->fences)
        text_addf(reason, "fence the source, CompleteMigration; writers are refused until %s",
                  id_of(core, STEP_SWITCH));
    else
        text_add(reason, "CompleteMigration; NOTHING KEEPS WRITERS FROM THE SOURCE");
}

DESCRIBE(compare_still) {
    UNUSED();
    describe_verify(&now->config->verify.after_cutover, reason);
    if (now->fences)
        text_add(reason, " while nobody can write");
}

DESCRIBE(switch) {
    UNUSED();
    const struct config_hooks *hooks = &now->config->cutover.switch_hooks;
    text_add(reason, hooks->count ? "switch: " : "switch: no hook, move the applications yourself");
    for (size_t i = 0; i < hooks->count; i++) {
        AUTO(string_free) char *command = strings_join(&hooks->items[i].run, " ");
        text_addf(reason, "%s%s", i ? ", then " : "", command);
    }
}

DESCRIBE(audit) {
    UNUSED();
    text_add(reason, "no write escaped: the source's replication log after the fence is empty");
}

DESCRIBE(probe_target) {
    UNUSED();
    text_add(reason, "probe every shard of the target");
}

DESCRIBE(restore_setting) {
    UNUSED();
    text_addf(reason, "restore %s on %s", setting_name(step), step->object);
}

DESCRIBE(keep_fence) {
    UNUSED();
    text_add(reason, "keep the fence over a restart of the source, and say how to lift it");
}

DESCRIBE(force_complete) {
    UNUSED();
    text_addf(reason, "CompleteMigration with Force: %s stops following, and stays as it is then",
              step->object);
}

DESCRIBE(lift_fence) {
    UNUSED();
    text_add(reason, "lift the fence on every source node: the source takes writes");
}

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

/* What is left out of the file is made as a migration needs it: one shard, one replica, Multi-AZ.
 */
void effects_of_create(const struct situation *now, struct plan_step *step) {
    const struct config_target *wanted = &now->config->target;
    effect_add(step, "target.exists", "false", "true");
    add_target(step, "engine", wanted->engine);
    add_target(step, "engine_version", wanted->engine_version);
    add_target(step, "node_type", wanted->node_type);
    add_number(step, "shards", wanted->shards, 1);
    add_number(step, "replicas_per_shard", wanted->replicas_per_shard, 1);
    add_target(step, "multi_az", wanted->multi_az == TRI_NO ? "disabled" : "enabled");
    add_target(step, "transit_encryption", "false");
    add_target(step, "subnet_group", wanted->subnet_group);
    for (size_t i = 0; i < wanted->security_groups.count; i++) {
        AUTO(string_free) char *name = xasprintf("security_groups[%zu]", i);
        add_target(step, name, wanted->security_groups.items[i]);
    }
    add_pairs(step, "parameters", &wanted->parameters);
    add_pairs(step, "tags", &wanted->tags);
}

void effects_of_start(const struct situation *now, struct plan_step *step) {
    effect_add(step, "target.replicates_from", NULL, migration_address(now));
    effect_add(step, "target.role", "master", "slave");
    effect_add(step, "target.status", "available", "migrating");
}

void effects_of_complete(const struct situation *now, struct plan_step *step) {
    effect_add(step, "target.replicates_from", migration_address(now), NULL);
    effect_add(step, "target.role", "slave", "master");
    effect_add(step, "target.status", "migrating", "available");
}

/* Whatever of it is not so already: the group may have been promoted, or never have followed. */
void effects_of_force(const struct situation *now, struct plan_step *step) {
    const struct observed_target *target = &now->observed->target;
    if (target->replicates_from)
        effect_add(step, "target.replicates_from", target->replicates_from, NULL);
    if (target->role && strcmp(target->role, "master") != 0)
        effect_add(step, "target.role", target->role, "master");
    if (target->status && strcmp(target->status, "available") != 0)
        effect_add(step, "target.status", target->status, "available");
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

void effects_of_lift(const struct situation *now, struct plan_step *step) {
    for (size_t i = 0; i < now->observed->source.nodes.count; i++) {
        const struct observed_node *node = &now->observed->source.nodes.items[i];
        const char *write = situation_fence_setting(node);
        if (!situation_is_fenced(now, node))
            continue;
        bool old_name = strcmp(write, "min-slaves-to-write") == 0;
        add_lifted(now, i, write, "write", step);
        add_lifted(now, i, old_name ? "min-slaves-max-lag" : "min-replicas-max-lag", "lag", step);
    }
}
