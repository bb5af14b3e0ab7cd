/* What the members of a cluster say of all, compared while they answer: of a thousand views only
 * hashes, and what is not as it should be, are kept. */
#pragma once

#include "providers/redis/cluster.h"
#include "schemas/observed/observed.h"

struct agreement {
    struct {
        uint64_t *items; /* by place among the asked; 0: has not told */
        size_t count;
    } hashes;
    struct observed_agreement *out;
};

void agreement_init(struct agreement *agreement, size_t count, struct observed_agreement *out);
/* Asks about the cluster; takes the answers of the server that was asked as number `index`. One
 * that tells nothing, or knows no cluster, is not an error. */
void agreement_queue(struct redis_connection *connection);
MUST_CHECK bool agreement_take(struct agreement *agreement, size_t index,
                               struct observed_node *node, struct redis_connection *connection,
                               struct error *err);
/* Once all have answered: who sees something else than most do. */
void agreement_close(struct agreement *agreement, const struct observed_source *source);
void agreement_clear(struct agreement *agreement);
AUTO_VALUE(struct agreement, agreement_clear)
/* The slots that no primary of the view serves. */
void agreement_unserved(const struct topology *topology, struct observed_agreement *out);
