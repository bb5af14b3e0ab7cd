/* The migration and the abort as rows: every kind of step, in order, in which plan and when it is
 * needed. A kind may have two rows, for two places in the order. The rows are in sequence/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "planner/situation.h"
#include "schemas/base/text.h"
#include "schemas/plan/plan.h"

enum sequence_scope {
    SCOPE_TARGET,          /* one step, its object is the replication group */
    SCOPE_PRIMARY,         /* one step, its object is the configured source node */
    SCOPE_ALL_NODES,       /* one step, its object is every source node */
    SCOPE_SETTING_TO_SET,  /* a step for each setting that is insufficient, and value it gets */
    SCOPE_SETTING_TO_UNDO, /* likewise for each that this plan or an earlier run changed */
};

#define IN_MODE(mode) (1U << (mode))

struct sequence_row {
    enum step_kind kind;
    unsigned modes; /* IN_MODE(…) of the plans it belongs to */
    enum sequence_scope scope;
    bool (*when)(const struct situation *now); /* NULL: always */
    enum step_phase phase;
    enum step_action action;
    enum client_impact impact;
    const char *key; /* the name of a setting is appended by scope */
    const char *precondition, *done_when;
    const char *undo_kind, *undo_loses; /* NULL: nothing */
    int64_t attempts;
    int64_t (*timeout_s)(const struct situation *now);
    /* One line for people; `core` holds all steps by now, so that it can name their ids. */
    void (*describe)(const struct situation *now, const struct plan_core *core,
                     const struct plan_step *step, struct text *reason);
    void (*add_effects)(const struct situation *now, struct plan_step *step);
};

const struct sequence_row *sequence_at(size_t index);          /* NULL past the last */
const struct sequence_row *sequence_find(enum step_kind kind); /* the first of its rows */
bool sequence_needs(const struct sequence_row *row, const struct situation *now);
const struct plan_step *sequence_step(const struct plan_core *core, enum step_kind kind);
void effect_add(struct plan_step *step, const char *field, const char *before, const char *after);
