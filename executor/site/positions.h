/* Where every shard stands: its primary on the source, and the node of the target that speaks for
 * it. That is the target's primary once there is one, and while it replicates the node furthest
 * behind of those that follow the source themselves: with cluster mode the service does not say
 * which one it will promote. */
#pragma once

#include "executor/site/replication.h"
#include "executor/site/site.h"

struct position {
    struct replication source; /* zero when it was not asked */
    struct replication target;
    size_t node; /* of site->targets: the one that speaks */
};
struct positions {
    struct position *items; /* in the order of site->shards */
    size_t count;
};

/* Asks the target's nodes, and the source's primaries too when `source_section` is given, as for
 * INFO ("default" for its usual reply). ERROR_NOT_FOUND when a shard has no partner yet. */
MUST_CHECK bool positions_look(struct site *site, const char *source_section, struct positions *out,
                               struct error *err);
void positions_clear(struct positions *list);
AUTO_VALUE(struct positions, positions_clear)
