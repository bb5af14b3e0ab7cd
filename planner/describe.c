#include "planner/describe.h"

#include <string.h>

#include "planner/layout.h"
#include "planner/sequence.h"
#include "planner/settings.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define DESCRIBE(kind)                                                                             \
    void describe_##kind(const struct situation *now, const struct plan_core *core,                \
                         const struct plan_step *step, struct text *reason)
#define UNUSED() ((void)(now), (void)(core), (void)(step))

static const char *id_of(const struct plan_core *core, enum step_kind kind) {
    const struct plan_step *step = sequence_step(core, kind);
    return step ? step->id : "the switch";
}

DESCRIBE(source_setting) {
    UNUSED();
    const struct source_setting *setting;
    text_addf(reason, "set %s on %s", plan_step_setting(step), step->object);
    for (size_t i = 0; (setting = setting_at(i)); i++)
        if (strcmp(setting->name, plan_step_setting(step)) == 0)
            text_addf(reason, ": %s", setting->why);
}

DESCRIBE(prove_rights) {
    UNUSED();
    text_addf(reason, "prove the right to fence%s and to end clients on %s",
              now->pauses ? ", to pause" : "", step->object);
}

DESCRIBE(create_group) {
    UNUSED();
    text_addf(reason, "replication group %s%s, TLS off while copying", step->object,
              !now->clustered                               ? ""
              : layout_is_creatable(&now->observed->source) ? ", slots as on the source"
                                                            : ", in cluster mode");
}

/* "node_type "a" -> "b", …": what a person must see of it stands on the line. */
static void add_changes(const struct plan_step *step, struct text *reason) {
    for (size_t i = 0; i < step->effects.count; i++) {
        const struct plan_effect *effect = &step->effects.items[i];
        const char *dot = strchr(effect->field, '.');
        text_addf(reason, "%s%s \"%s\" -> \"%s\"", i ? ", " : "", dot ? dot + 1 : effect->field,
                  effect->before ? effect->before : "", effect->after ? effect->after : "");
    }
}

DESCRIBE(add_replicas) {
    UNUSED();
    text_addf(reason, "add replicas to %s: ", step->object);
    add_changes(step, reason);
}

DESCRIBE(modify_group) {
    UNUSED();
    text_addf(reason, "change %s: ", step->object);
    add_changes(step, reason);
}

DESCRIBE(tag_group) {
    UNUSED();
    text_addf(reason, "tag %s: ", step->object);
    add_changes(step, reason);
}

DESCRIBE(encrypt_target) {
    UNUSED();
    bool required = strcmp(step->key, "finish/tls-required") == 0;
    text_addf(reason,
              required ? "TLS required on %s: clients without it are refused from here on"
                       : "TLS preferred on %s: clients may use it, none has to",
              step->object);
}

DESCRIBE(test_migration) {
    UNUSED();
    text_add(reason, "TestMigration: the target can reach the source");
}

const char *migration_address(const struct situation *now) {
    const char *started_from = now->observed->history.started_from;
    const char *followed = now->observed->target.replicates_from;
    if (now->replicating && !now->clustered && followed)
        return followed;
    if (now->replicating && started_from)
        return started_from;
    return now->promoted && started_from ? started_from : situation_service_address(now->primary);
}

DESCRIBE(start_migration) {
    UNUSED();
    if (now->clustered)
        text_addf(reason, "StartMigration at %s: each shard copies its own primary, and follows it",
                  migration_address(now));
    else
        text_addf(reason, "StartMigration: copy everything from %s, and follow it",
                  migration_address(now));
}

DESCRIBE(sync) {
    UNUSED();
    const struct config_in_sync *in_sync = &now->config->replication.in_sync;
    text_add(reason, now->clustered ? "wait until the lag of every shard < " : "wait until lag < ");
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
    AUTO(string_free) char *command = strings_join(&now->config->cutover.hold.run, " ");
    if (now->pauses)
        text_addf(reason, "hold writers on %s (they wait), at most ",
                  now->clustered ? "every primary" : "the source");
    else
        text_addf(reason, "stop the writers: %s; until CompleteMigration at most ", command);
    units_add_duration(reason, now->config->cutover.max_write_pause_ms);
}

DESCRIBE(catch_up) {
    UNUSED();
    text_addf(reason, "%s has every write the source had",
              now->clustered ? "every shard of the target" : "target");
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
    if (now->config->cutover.writes == WRITES_HOOK) {
        AUTO(string_free) char *command = strings_join(&now->config->cutover.hold.undo, " ");
        text_addf(reason, ", then start the writers: %s", command);
    }
}

DESCRIBE(audit) {
    UNUSED();
    text_addf(reason, "no write escaped: %s replication log after the fence is empty",
              now->clustered ? "every primary's" : "the source's");
}

DESCRIBE(probe_target) {
    UNUSED();
    text_add(reason, "probe every shard of the target");
}

DESCRIBE(restore_setting) {
    UNUSED();
    text_addf(reason, "restore %s on %s", plan_step_setting(step), step->object);
}

DESCRIBE(keep_fence) {
    (void)now, (void)core;
    text_add(reason, strcmp(step->key, PLAN_KEY_FENCE_FILE) == 0
                         ? "keep the fence over a restart of the source, and say how to lift it"
                         : "say how to keep the fence over a restart of the source, and how to "
                           "lift it; its file is not rewritten, because that could keep what was "
                           "set for a time only, such as a password that was taken off");
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

DESCRIBE(start_writers) {
    UNUSED();
    text_addf(reason, "run %s: the writers that may be stopped go on",
              now->config->cutover.hold.undo.items[0]);
}

DESCRIBE(remove_group) {
    UNUSED();
    text_addf(reason, "delete replication group %s, which run %s created and which holds nothing",
              step->object, now->observed->history.created_by);
}
