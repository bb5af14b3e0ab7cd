/* One question to many nodes at once. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "providers/local/state/state.h"
#include "providers/redis/redis.h"

struct question {
    const char *words[8]; /* ends with NULL */
    bool restricted;      /* the first is asked by the node's own name for it */
    int64_t timeout_ms;   /* for all of them; 0: NODE_ANSWER_MS */
};

struct answers {
    struct redis_reply **items; /* of nodes[i]; NULL where none came in time, or a fault did */
    size_t count;
};

void nodes_ask(const struct state *state, const struct node *const *nodes, size_t count,
               const struct question *question, struct answers *out);
void answers_clear(struct answers *answers);
AUTO_VALUE(struct answers, answers_clear)

/* CONFIG SET, as far as they answer. */
void nodes_configure(const struct state *state, const struct nodes *nodes, const char *name,
                     const char *value);

/* Which nodes: pointers into the lists that they are of. */
struct node_set {
    const struct node **items;
    size_t count;
};
void node_set_add(struct node_set *set, const struct node *node);
void node_set_add_all(struct node_set *set, const struct nodes *nodes);
void node_set_clear(struct node_set *set);
AUTO_VALUE(struct node_set, node_set_clear)
