/* After the cutover, or the abort: probes, TLS, and what is given back or removed. */
#include <string.h>

#include "planner/describe.h"
#include "planner/modify.h"
#include "planner/sequence/section.h"
#include "schemas/base/memory.h"

static bool may_encrypt(const struct situation *now) {
    return now->config->target.tls_after_cutover && !now->config->target.managed_by &&
           tls_is_offered(now);
}

static bool must_require(const struct situation *now) {
    return may_encrypt(now) && strcmp(now->config->target.tls_after_cutover, "required") == 0;
}

/* CONFIG REWRITE writes everything that was set at run time into the file, such as a password that
 * was taken off for the migration: only a source that proves that nothing was is told to. */
static bool may_rewrite(const struct situation *now) {
    bool all = now->observed->source.nodes.count > 0;
    for (size_t i = 0; i < now->observed->source.nodes.count; i++)
        all &= now->observed->source.nodes.items[i].as_started;
    return now->fences && all;
}

static bool must_count_on_memory(const struct situation *now) {
    return now->fences && !may_rewrite(now);
}

static bool must_remove(const struct situation *now) {
    return now->removes;
}

static int64_t seconds_30(const struct situation *now) {
    (void)now;
    return 30;
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
      .when = may_rewrite,
      .phase = PHASE_FINISH,
      .action = ACTION_CHANGE,
      .key = PLAN_KEY_FENCE_FILE,
      .done_when = "CONFIG REWRITE has kept it where the server has a file",
      .attempts = 3,
      .timeout_s = seconds_30,
      .describe = describe_keep_fence },
    { .kind = STEP_KEEP_FENCE,
      .modes = IN_MIGRATE,
      .scope = SCOPE_PRIMARY,
      .when = must_count_on_memory,
      .phase = PHASE_FINISH,
      .action = ACTION_CHANGE,
      .key = "finish/fence",
      .done_when = "the fence was read back, and how to keep it was said",
      .attempts = 3,
      .timeout_s = seconds_30,
      .describe = describe_keep_fence },
};

const struct sequence_section sequence_finish = { rows, COUNT(rows) };
