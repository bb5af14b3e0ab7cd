/* Setting a CONFIG parameter of source nodes, and setting it back: the same move, other values. All
 * nodes of a step are asked and told together. */
#pragma once

#include "executor/steps/step.h"

struct setting_node { /* one of the step's effects */
    const char *address;
    const char *before, *after; /* as planned; before is NULL when it could not be read then */
    struct redis_connection *connection;
    char *value; /* as it is now; NULL: the node did not say */
    bool ordered;
};
struct setting_nodes {
    struct setting_node *items;
    size_t count;
    struct error missing; /* the first node that did not say, and why */
};
void setting_nodes_clear(struct setting_nodes *nodes);
AUTO_VALUE(struct setting_nodes, setting_nodes_clear)

/* Reads the parameter on every node of the step. False only when nothing can be said at all. */
MUST_CHECK bool setting_read(struct step_run *run, struct setting_nodes *out, struct error *err);
/* Did every node say? */
MUST_CHECK bool setting_all_said(struct setting_nodes *nodes, struct error *err);
/* *done: every node has the value that was planned for it. */
MUST_CHECK bool setting_probe(struct step_run *run, bool *done, struct error *err);
/* Sets what was ordered, and reads it back. All are told, even if some refuse. */
MUST_CHECK bool setting_apply(struct step_run *run, struct setting_nodes *nodes, struct error *err);
/* The values now go into the intent, so that they can be restored after any crash. */
void setting_put_before(const struct step_run *run, const struct setting_nodes *nodes,
                        struct json *intent);
/* What of the step's effects still has to be set, with the command, for an operator who does it by
 * hand. */
void setting_left_over(const struct step_left *left, struct strings *out);
