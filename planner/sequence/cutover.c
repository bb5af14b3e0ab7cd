/* From holding the writers to the proof that no write escaped. */
#include "planner/describe.h"
#include "planner/sequence/section.h"
#include "schemas/base/memory.h"

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

/* Writers are refused meanwhile; every key is what the file asks for, all the same. */
static int64_t still_comparison(const struct situation *now) {
    return now->config->verify.after_cutover.mode == VERIFY_FULL ? 4 * 3600 : 15 * 60;
}

static int64_t write_pause(const struct situation *now) {
    int64_t seconds = now->config->cutover.max_write_pause_ms / 1000;
    return seconds ? seconds : 1;
}

static int64_t all_hooks(const struct situation *now) {
    const struct config_hooks *hooks = &now->config->cutover.switch_hooks;
    int64_t milliseconds = 0;
    for (size_t i = 0; i < hooks->count; i++)
        milliseconds += hooks->items[i].timeout_ms;
    return 30 + milliseconds / 1000;
}

static const struct sequence_row rows[] = {
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
};

const struct sequence_section sequence_cutover = { rows, COUNT(rows) };
