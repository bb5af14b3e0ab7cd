/* The words and the effects of the rows of the sequence. */
#pragma once

#include "planner/situation.h"
#include "schemas/base/text.h"
#include "schemas/plan/plan.h"

#define DESCRIBE(kind)                                                                             \
    void describe_##kind(const struct situation *now, const struct plan_core *core,                \
                         const struct plan_step *step, struct text *reason);
DESCRIBE(source_setting)
DESCRIBE(prove_rights)
DESCRIBE(create_group)
DESCRIBE(add_replicas)
DESCRIBE(modify_group)
DESCRIBE(tag_group)
DESCRIBE(test_migration)
DESCRIBE(start_migration)
DESCRIBE(sync)
DESCRIBE(compare)
DESCRIBE(gate)
DESCRIBE(hold)
DESCRIBE(catch_up)
DESCRIBE(complete)
DESCRIBE(compare_still)
DESCRIBE(switch)
DESCRIBE(audit)
DESCRIBE(probe_target)
DESCRIBE(encrypt_target)
DESCRIBE(restore_setting)
DESCRIBE(keep_fence)
DESCRIBE(force_complete)
DESCRIBE(lift_fence)
DESCRIBE(start_writers)
DESCRIBE(remove_group)
#undef DESCRIBE

void effects_of_create(const struct situation *now, struct plan_step *step);
void effects_of_replicas(const struct situation *now, struct plan_step *step);
void effects_of_modify(const struct situation *now, struct plan_step *step);
void effects_of_tags(const struct situation *now, struct plan_step *step);
void effects_of_preferred(const struct situation *now, struct plan_step *step);
void effects_of_required(const struct situation *now, struct plan_step *step);
void effects_of_start(const struct situation *now, struct plan_step *step);
void effects_of_complete(const struct situation *now, struct plan_step *step);
void effects_of_force(const struct situation *now, struct plan_step *step);
void effects_of_remove(const struct situation *now, struct plan_step *step);
void effects_of_lift(const struct situation *now, struct plan_step *step);
/* The address StartMigration is given: where the target replicates from, or will. */
const char *migration_address(const struct situation *now);
