/* Which servers a Redis consists of, and who follows whom: the same shape without cluster mode
 * (one shard without slots), behind Sentinels, and with it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/slots.h"
#include "schemas/base/strings.h"

struct topology_shard {
    struct slots slots;      /* none without cluster mode */
    char *primary;           /* HOST:PORT, as clients are told */
    struct strings replicas; /* HOST:PORT, sorted */
    struct strings others;   /* sorted: replicas of replicas, and of a cluster those that follow it
                                without being members */
    struct strings unproven; /* replicas that the primary lists by an address at which none of its
                                own answers; they may be the target's connections */
    size_t targets_named;    /* nodes of the target that it lists by their own address */
};

struct topology {
    struct topology_shard *items; /* by first slot, those without slots last; one without cluster */
    size_t count;
};

/* One shard: this primary and its replicas, less those of `not`. */
void topology_of_primary(const char *address, const struct strings *replicas,
                         const struct strings * not, struct topology *out);
/* The shard with this server in it, and whether as its primary; NULL when there is none. */
const struct topology_shard *topology_find(const struct topology *topology, const char *address,
                                           bool *is_primary);
/* The first difference in words, as "10.0.0.7:6379 is now the primary of 0-5460"; NULL when they
 * are equal; the caller frees. */
char *topology_difference(const struct topology *before, const struct topology *now);
void topology_clear(struct topology *topology);
AUTO_VALUE(struct topology, topology_clear)
