/* Before anything is copied: the settings of the source, the group as the file wants it. */
#include "planner/describe.h"
#include "planner/modify.h"
#include "planner/sequence/section.h"
#include "schemas/base/memory.h"

static bool needs_rights(const struct situation *now) {
    return now->fences && !now->promoted;
}

static bool must_create(const struct situation *now) {
    return situation_creates(now);
}

static bool has_differences(const struct situation *now, enum modify_part part) {
    AUTO(differences_clear) struct differences changes = { 0 };
    modify_differences(now, part, &changes);
    return changes.count > 0;
}

static bool must_modify(const struct situation *now) {
    return has_differences(now, MODIFY_GROUP);
}

static bool must_add_replicas(const struct situation *now) {
    return has_differences(now, MODIFY_REPLICAS);
}

static bool must_tag(const struct situation *now) {
    return has_differences(now, MODIFY_TAGS);
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
    /* Before Multi-AZ is asked for, which needs one. */
    { .kind = STEP_ADD_REPLICAS,
      .modes = IN_MIGRATE,
      .scope = SCOPE_TARGET,
      .when = must_add_replicas,
      .phase = PHASE_PREPARE,
      .action = ACTION_CHANGE,
      .key = "prepare/replicas",
      .precondition = "the group is available",
      .done_when = "the group is available with as many replicas in each shard",
      .attempts = 3,
      .timeout_s = two_hours,
      .describe = describe_add_replicas,
      .add_effects = effects_of_replicas },
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
};

const struct sequence_section sequence_prepare = { rows, COUNT(rows) };
