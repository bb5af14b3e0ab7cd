/* How a plan tells, times and asks for a kind of step: one file here and one row in
 * schemas/plan/step_kinds.def, whose order is that of plans. What the step does is in the file of
 * the same name in executor/steps. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "planner/iam.h"
#include "planner/modify.h"
#include "planner/situation.h"
#include "schemas/base/text.h"
#include "schemas/plan/plan.h"

enum step_scope {
    SCOPE_TARGET,          /* one step, its object is the replication group */
    SCOPE_PRIMARY,         /* one step, its object is the configured source node */
    SCOPE_ALL_NODES,       /* one step, its object is every source node */
    SCOPE_SETTING_TO_SET,  /* a step for each setting that is insufficient, and value it gets */
    SCOPE_SETTING_TO_UNDO, /* likewise for each that this plan or an earlier run changed */
};

#define IN_MIGRATE (1U << PLAN_MIGRATE)
#define IN_ABORT (1U << PLAN_ABORT)
#define MINUTES(count) ((count)*INT64_C(60)) /* in seconds */
#define HOURS(count) MINUTES((count)*60)
#define COMPLETE_TIMEOUT_S MINUTES(20) /* the whole section from sending on; cutover protocol */

struct step_words { /* what is known when a step is told */
    const struct situation *situation;
    const struct plan_core *core; /* holds all steps, so that their ids can be named */
    const struct plan_step *step;
};

struct planned_step {
    unsigned modes; /* IN_MIGRATE, IN_ABORT: the plans it belongs to */
    enum step_scope scope;
    bool (*when)(const struct situation *situation); /* NULL: always */
    enum step_phase phase;
    enum step_action action;
    enum client_impact impact;
    const char *precondition, *done_when;
    const char *undo_kind, *undo_loses;          /* NULL: nothing */
    enum step_kind undo_until;                   /* of undo_kind: possible until this step */
    bool (*is_undone)(const struct situation *); /* NULL: always as undo_kind says */
    int64_t attempts;
    int64_t timeout_s;
    int64_t (*timeout)(
        const struct situation *situation); /* in seconds, where it is not the same always */
    void (*describe)(const struct step_words *of, struct text *reason); /* one line for people */
    void (*add_effects)(const struct situation *situation, struct plan_step *step);
    /* How long it will take, and why so: "9-14 min", "41.2 GiB at 50-75 MiB/s". */
    void (*estimate)(const struct situation *situation, struct text *range, struct text *basis);
    /* What it may have to send under any plan of this configuration: bits of enum iam_need. */
    unsigned (*permissions)(const struct config *config);
};

#define STEP_KIND(symbol, name, key, section, field, effects)                                      \
    extern const struct planned_step planned_##name;
#define STEP_AGAIN(symbol, name, key) extern const struct planned_step planned_##name;
#include "schemas/plan/step_kinds.def"

/* What several kinds need. */

bool before_promotion(const struct situation *situation);
int64_t write_pause_s(const struct situation *situation);
/* Its id in the plan, or words for the reader when it has none. */
const char *step_id_of(const struct plan_core *core, enum step_kind kind);
/* The address StartMigration is given: where the target replicates from, or will. */
const char *migration_address(const struct situation *situation);
/* How much a comparison compares. */
void describe_verify(const struct config_verify_step *verify, struct text *reason);
/* "node_type "a" -> "b", …": what a person must see of it stands on the line. */
void describe_changes(const struct plan_step *step, struct text *reason);
/* "seconds" at an endpoint on this machine, else `range`. */
const char *usual_range(const struct situation *situation, const char *range);
#define RANGE_COMPLETE "1-3 min" /* no public source says more than "within minutes" */

void effect_add(struct plan_step *step, const char *field, const char *before, const char *after);
/* Of one shard of the target; nothing where it had no value and gets none. */
void effect_of_shard(struct plan_step *step, size_t index, const char *name, const char *before,
                     const char *after);
/* Each shard of a group that exists, on its way to its own primary or from it. */
void effects_of_shards(const struct situation *situation, struct plan_step *step, bool starts);
/* Of one part of what differs from the file. */
void effects_of_differences(const struct situation *situation, enum modify_part part,
                            struct plan_step *step);
