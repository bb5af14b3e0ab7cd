#include "planner/sequence.h"

#include <string.h>

#include "planner/describe.h"
#include "planner/modify.h"
#include "schemas/base/memory.h"

#define COMPLETE_TIMEOUT_S (20 * 60) /* the whole section from sending on; cutover protocol */

static bool before_promotion(const struct situation *now) {
    return !now->promoted;
}

static bool needs_rights(const struct situation *now) {
    return now->fences && !now->promoted;
}

static bool must_create(const struct situation *now) {
    return !now->observed->target.exists && now->config->target.create;
}

static bool has_differences(const struct situation *now, enum modify_part part) {
    AUTO(differences_clear) struct differences changes = { 0 };
    modify_differences(now, part, &changes);
    return changes.count > 0;
}

static bool must_modify(const struct situation *now) {
    return has_differences(now, MODIFY_GROUP);
}

static bool must_tag(const struct situation *now) {
    return has_differences(now, MODIFY_TAGS);
}

static bool may_encrypt(const struct situation *now) {
    return now->config->target.tls_after_cutover && !now->config->target.managed_by &&
           tls_is_offered(now);
}

static bool must_require(const struct situation *now) {
    return may_encrypt(now) && strcmp(now->config->target.tls_after_cutover, "required") == 0;
}

static bool must_start(const struct situation *now) {
    return !now->replicating && !now->promoted;
}

static bool must_test(const struct situation *now) {
    return now->config->replication.test && must_start(now);
}

static bool must_compare(const struct situation *now) {
    return now->config->verify.before_cutover.mode != VERIFY_NONE && !now->promoted;
}

static bool must_hold(const struct situation *now) {
    return now->holds && !now->promoted;
}

static bool must_compare_still(const struct situation *now) {
    return now->fences && now->config->verify.after_cutover.mode != VERIFY_NONE &&
           !(now->promoted && situation_done(now, "cutover/compare"));
}

static bool must_switch(const struct situation *now) {
    return !(now->promoted && situation_done(now, "cutover/switch"));
}

static bool must_audit(const struct situation *now) {
    return !(now->promoted && situation_done(now, "cutover/audit"));
}

static bool must_keep_fence(const struct situation *now) {
    return now->fences;
}

static bool must_force(const struct situation *now) {
    return now->migrating;
}

static bool must_lift_first(const struct situation *now) {
    return now->observed->history.fence && !now->sent;
}

static bool must_lift_last(const struct situation *now) {
    return now->observed->history.fence && now->sent;
}

static bool must_remove(const struct situation *now) {
    return now->removes;
}

static int64_t seconds_30(const struct situation *now) {
    (void)now;
    return 30;
}

static int64_t minutes_2(const struct situation *now) {
    (void)now;
    return 2 * 60;
}

static int64_t minutes_15(const struct situation *now) {
    (void)now;
    return 15 * 60;
}

/* Writers are refused meanwhile; every key is what the file asks for, all the same. */
static int64_t still_comparison(const struct situation *now) {
    return now->config->verify.after_cutover.mode == VERIFY_FULL ? 4 * 3600 : 15 * 60;
}

static int64_t hour(const struct situation *now) {
    (void)now;
    return 60 * 60;
}

static int64_t two_hours(const struct situation *now) {
    (void)now;
    return 2 * 60 * 60;
}

static int64_t day(const struct situation *now) {
    (void)now;
    return 24 * 60 * 60;
}

static int64_t replication(const struct situation *now) {
    return now->config->replication.timeout_ms / 1000;
}

static int64_t write_pause(const struct situation *now) {
    int64_t seconds = now->config->cutover.max_write_pause_ms / 1000;
    return seconds ? seconds : 1;
}

static int64_t completion(const struct situation *now) {
    (void)now;
    return COMPLETE_TIMEOUT_S;
}

static int64_t all_hooks(const struct situation *now) {
    const struct config_hooks *hooks = &now->config->cutover.switch_hooks;
    int64_t milliseconds = 0;
    for (size_t i = 0; i < hooks->count; i++)
        milliseconds += hooks->items[i].timeout_ms;
    return 30 + milliseconds / 1000;
}

#define IN_MIGRATE IN_MODE(PLAN_MIGRATE)
#define IN_ABORT IN_MODE(PLAN_ABORT)

/* Before CompleteMigration is sent the writers get the source back at once; afterwards only when
 * the target cannot become theirs any more. */
#define LIFT_FENCE(condition)                                                                      \
    {                                                                                              \
        .kind = STEP_LIFT_FENCE, .modes = IN_ABORT, .scope = SCOPE_PRIMARY, .when = condition,     \
        .phase = PHASE_ABORT, .action = ACTION_CHANGE, .key = "abort/lift",                        \
        .done_when = "no source node carries the fence of the run that is given up",               \
        .attempts = 3, .timeout_s = minutes_2, .describe = describe_lift_fence,                    \
        .add_effects = effects_of_lift                                                             \
    }

/* It must be off while migrating. The endpoints may change their names. */
#define ENCRYPT(condition, key_, impact_, effects)                                                 \
    {                                                                                              \
        .kind = STEP_ENCRYPT_TARGET, .modes = IN_MIGRATE, .scope = SCOPE_TARGET,                   \
        .when = condition, .phase = PHASE_FINISH, .action = ACTION_CHANGE, .impact = impact_,      \
        .key = key_, .precondition = "the group is available",                                     \
        .done_when = "the group is available in this mode", .attempts = 3, .timeout_s = two_hours, \
        .describe = describe_encrypt_target, .add_effects = effects                                \
    }

static const struct sequence_row rows[] = {
    { .kind = STEP_SOURCE_SETTING,
      .modes = IN_MIGRATE,
      .scope = SCOPE_SETTING_TO_SET,
      .when = before_promotion,
      .phase = PHASE_PREPARE,
      .action = ACTION_CHANGE,
      .key = "prepare/set",
      .done_when = "CONFIG GET of every node shows the value",
      .undo_kind = "restore_setting",
      .attempts = 3,
      .timeout_s = minutes_2,
      .describe = describe_source_setting },
    { .kind = STEP_PROVE_RIGHTS,
      .modes = IN_MIGRATE,
      .scope = SCOPE_ALL_NODES,
      .when = needs_rights,
      .phase = PHASE_PREPARE,
      .action = ACTION_CHECK,
      .key = "prepare/rights",
      .done_when = "setting the fence's parameter to its own value, and each other command of the "
                   "cutover, is not refused",
      .attempts = 3,
      .timeout_s = minutes_2,
      .describe = describe_prove_rights },
    { .kind = STEP_CREATE_GROUP,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = must_create,
      .phase = PHASE_PREPARE,
      .action = ACTION_CREATE,
      .key = "prepare/create",
      .precondition = "no group has this name",
      .done_when = "the group is available",
      .attempts = 3,
      .timeout_s = hour,
      .describe = describe_create_group,
      .add_effects = effects_of_create },
    { .kind = STEP_MODIFY_GROUP,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = must_modify,
      .phase = PHASE_PREPARE,
      .action = ACTION_CHANGE,
      .key = "prepare/modify",
      .precondition = "the group is available",
      .done_when = "the group is available with these values, and no change is pending",
      .attempts = 3,
      .timeout_s = two_hours,
      .describe = describe_modify_group,
      .add_effects = effects_of_modify },
    { .kind = STEP_TAG_GROUP,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = must_tag,
      .phase = PHASE_PREPARE,
      .action = ACTION_CHANGE,
      .key = "prepare/tags",
      .precondition = "the group is available",
      .done_when = "the group carries them",
      .attempts = 3,
      .timeout_s = minutes_15,
      .describe = describe_tag_group,
      .add_effects = effects_of_tags },
    { .kind = STEP_TEST_MIGRATION,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = must_test,
      .phase = PHASE_REPLICATE,
      .action = ACTION_CHECK,
      .key = "replicate/test",
      .precondition = "the group is available",
      .done_when = "an event of the group says that the test succeeded",
      .attempts = 2,
      .timeout_s = minutes_15,
      .describe = describe_test_migration },
    { .kind = STEP_START_MIGRATION,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = must_start,
      .phase = PHASE_REPLICATE,
      .action = ACTION_MOVE,
      .impact = IMPACT_LATENCY,
      .key = "replicate/start",
      .precondition = "the group is available, and empty unless target.replace_data is set",
      .done_when = "the target's primary replicates from the source",
      .undo_kind = "abort",
      .undo_loses = "what the target holds",
      .attempts = 1,
      .timeout_s = minutes_15,
      .describe = describe_start_migration,
      .add_effects = effects_of_start },
    { .kind = STEP_SYNC,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = before_promotion,
      .phase = PHASE_REPLICATE,
      .action = ACTION_CHECK,
      .impact = IMPACT_LATENCY,
      .key = "replicate/sync",
      .done_when = "the link is up and the lag has been below the limit for the time asked",
      .attempts = 1,
      .timeout_s = replication,
      .describe = describe_sync },
    { .kind = STEP_COMPARE,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = must_compare,
      .phase = PHASE_REPLICATE,
      .action = ACTION_CHECK,
      .key = "replicate/compare",
      .precondition = "in sync",
      .done_when = "no difference remains",
      .attempts = 2,
      .timeout_s = hour,
      .describe = describe_compare },
    { .kind = STEP_GATE,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = before_promotion,
      .phase = PHASE_REPLICATE,
      .action = ACTION_GATE,
      .key = "gate/cutover",
      .done_when = "all that the gate needs is there",
      .attempts = 1,
      .timeout_s = day,
      .describe = describe_gate },
    { .kind = STEP_HOLD,
      .modes = IN_MIGRATE,
      .scope = SCOPE_PRIMARY,
      .when = must_hold,
      .phase = PHASE_CUT_OVER,
      .action = ACTION_CHANGE,
      .impact = IMPACT_WRITE_PAUSE,
      .key = "cutover/hold",
      .precondition = "in sync, and the target's used memory is under its maxmemory",
      .done_when = "writers wait",
      .undo_kind = "release",
      .attempts = 1,
      .timeout_s = write_pause,
      .describe = describe_hold },
    { .kind = STEP_CATCH_UP,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = before_promotion,
      .phase = PHASE_CUT_OVER,
      .action = ACTION_CHECK,
      .key = "cutover/catch-up",
      .done_when = "the target is at or past the offset that the source had",
      .undo_kind = "release",
      .attempts = 1,
      .timeout_s = write_pause,
      .describe = describe_catch_up },
    { .kind = STEP_COMPLETE,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = before_promotion,
      .phase = PHASE_CUT_OVER,
      .action = ACTION_CHANGE,
      .impact = IMPACT_WRITE_PAUSE,
      .key = "cutover/complete",
      .precondition = "the target has caught up with every source primary after the fence",
      .done_when = "every target primary is promoted, with the source's history and past its last "
                   "offset",
      .undo_kind = "abort",
      .undo_loses = "what the target holds; the source stays authoritative",
      .attempts = 1,
      .timeout_s = completion,
      .describe = describe_complete,
      .add_effects = effects_of_complete },
    { .kind = STEP_COMPARE_STILL,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = must_compare_still,
      .phase = PHASE_CUT_OVER,
      .action = ACTION_CHECK,
      .key = "cutover/compare",
      .done_when = "no difference remains that expiry and eviction do not explain",
      .attempts = 2,
      .timeout_s = still_comparison,
      .describe = describe_compare_still },
    { .kind = STEP_SWITCH,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = must_switch,
      .phase = PHASE_CUT_OVER,
      .action = ACTION_CHANGE,
      .impact = IMPACT_DISCONNECT,
      .key = "cutover/switch",
      .precondition = "promotion is confirmed",
      .done_when = "every hook has ended well",
      .undo_loses = "writes made on the target",
      .attempts = 3,
      .timeout_s = all_hooks,
      .describe = describe_switch },
    { .kind = STEP_AUDIT,
      .modes = IN_MIGRATE,
      .scope = SCOPE_PRIMARY,
      .when = must_audit,
      .phase = PHASE_CUT_OVER,
      .action = ACTION_CHECK,
      .key = "cutover/audit",
      .done_when = "the replication log after the fence holds no write",
      .attempts = 2,
      .timeout_s = minutes_2,
      .describe = describe_audit },
    { .kind = STEP_PROBE_TARGET,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .phase = PHASE_FINISH,
      .action = ACTION_CHECK,
      .key = "finish/probe",
      .done_when = "each shard takes a write and gives it back",
      .attempts = 3,
      .timeout_s = minutes_2,
      .describe = describe_probe_target },
    ENCRYPT(may_encrypt, "finish/tls-preferred", IMPACT_NONE, effects_of_preferred),
    ENCRYPT(must_require, "finish/tls-required", IMPACT_DISCONNECT, effects_of_required),
    LIFT_FENCE(must_lift_first),
    { .kind = STEP_FORCE_COMPLETE,
      .modes = IN_ABORT,
      .scope = SCOPE_TARGET,
      .when = must_force,
      .phase = PHASE_ABORT,
      .action = ACTION_CHANGE,
      .key = "abort/force",
      .done_when = "the group is available and its primary follows nobody",
      .attempts = 3,
      .timeout_s = completion,
      .describe = describe_force_complete,
      .add_effects = effects_of_force },
    LIFT_FENCE(must_lift_last),
    { .kind = STEP_RESTORE_SETTING,
      .modes = IN_MIGRATE | IN_ABORT,
      .scope = SCOPE_SETTING_TO_UNDO,
      .phase = PHASE_FINISH,
      .action = ACTION_CHANGE,
      .key = "finish/restore",
      .done_when = "CONFIG GET of every node shows the value",
      .attempts = 3,
      .timeout_s = minutes_2,
      .describe = describe_restore_setting },
    { .kind = STEP_REMOVE_GROUP,
      .modes = IN_ABORT,
      .scope = SCOPE_TARGET,
      .when = must_remove,
      .phase = PHASE_FINISH,
      .action = ACTION_REMOVE,
      .key = "abort/remove",
      .precondition = "it carries the tag of the run that is given up, and holds no key",
      .done_when = "no group has this name, or it stays because it holds keys",
      .attempts = 3,
      .timeout_s = hour,
      .describe = describe_remove_group,
      .add_effects = effects_of_remove },
    { .kind = STEP_KEEP_FENCE,
      .modes = IN_MIGRATE,
      .scope = SCOPE_PRIMARY,
      .when = must_keep_fence,
      .phase = PHASE_FINISH,
      .action = ACTION_CHANGE,
      .key = "finish/fence",
      .done_when = "CONFIG REWRITE has kept it where that is allowed",
      .attempts = 3,
      .timeout_s = seconds_30,
      .describe = describe_keep_fence },
};

const struct sequence_row *sequence_at(size_t index) {
    return index < COUNT(rows) ? &rows[index] : NULL;
}

const struct sequence_row *sequence_find(enum step_kind kind) {
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].kind == kind)
            return &rows[i];
    return NULL;
}

bool sequence_needs(const struct sequence_row *row, const struct situation *now) {
    return (row->modes & IN_MODE(now->mode)) && (!row->when || row->when(now));
}

const struct plan_step *sequence_step(const struct plan_core *core, enum step_kind kind) {
    for (size_t i = 0; i < core->steps.count; i++)
        if (core->steps.items[i].kind == kind)
            return &core->steps.items[i];
    return NULL;
}

void effect_add(struct plan_step *step, const char *field, const char *before, const char *after) {
    *LIST_ADD(&step->effects) = (struct plan_effect){ .field = xstrdup(field),
                                                      .before = xstrdup(before),
                                                      .after = xstrdup(after) };
}
