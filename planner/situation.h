/* Where a migration stands, read once out of configuration and observation, so that checks and
 * steps cannot disagree about it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/config/config.h"
#include "schemas/observed/observed.h"
#include "schemas/plan/plan.h"

/* A fence is min-replicas-to-write set to 2^30 plus 30 bits of the run's nonce. */
#define FENCE_LOWEST ((int64_t)1 << 30)
#define FENCE_BELOW ((int64_t)1 << 31)

struct situation {
    enum plan_mode mode;
    const struct config *config;
    const struct observed *observed;
    const struct observed_node *primary; /* the source node that StartMigration is given: the first
                                            primary that answers; NULL when none was seen */
    size_t primaries;                    /* one a shard; answering or not */
    bool clustered;                      /* the source runs in cluster mode */
    bool serverless;     /* the target is a serverless cache, to which no step leads */
    bool looked;         /* source and service answered: steps can be planned */
    bool complete;       /* every node did */
    bool finished;       /* an earlier run ended well and nothing has changed since */
    bool replicating;    /* the target follows this source */
    bool promoted;       /* CompleteMigration of the open run is confirmed */
    bool fences;         /* cutover.writes asks for the fence */
    bool holds;          /* writers are kept waiting first, by a pause or by a hook */
    bool pauses;         /* by a pause, which engine and Sentinel bear */
    bool migrating;      /* the group follows a source, or was told to: only Force ends that */
    bool sent;           /* CompleteMigration may have been sent: the fence is lifted last */
    bool too_late;       /* the applications were told to use the target: nothing can be given up */
    bool removes;        /* an abort: the group is of the run that is given up, and holds nothing */
    bool gives_up;       /* a migrate run is open, which an abort ends */
    int64_t data_bytes;  /* of all shards */
    int64_t shard_bytes; /* of the largest */
    struct {
        int64_t need_bytes; /* of the backlog, and of the replica output buffer limit */
        int64_t size_bytes; /* what fits of it on every node: the need or a smaller power of two */
    } backlog, buffer;
    int64_t comparison_bytes; /* what a comparison takes on a primary while it runs */
};

/* The primaries of the source, one a shard in their order, reachable or not: {0} begins, NULL ends.
 */
struct primary_walk {
    size_t shard, node;
};
const struct observed_node *situation_next_primary(const struct situation *situation,
                                                   struct primary_walk *walk);
bool situation_is_primary(const struct situation *situation, const struct observed_node *node);

void situation_read(const struct config *config, const struct observed *observed,
                    enum plan_mode mode, struct situation *out);
/* A step of the open run that the journal says is done. */
bool situation_done(const struct situation *situation, const char *key);
/* The target as it is, or as the file wants it while it does not exist; may be NULL. */
const char *situation_target_engine(const struct situation *situation);
const char *situation_target_version(const struct situation *situation);
const char *situation_target_node_type(const struct situation *situation);
/* The group is absent, and a step makes it: the file says so, and it has no other owner. */
bool situation_creates(const struct situation *situation);
/* The service is an endpoint on this machine, which reaches loopback addresses. */
bool situation_service_is_local(const struct situation *situation);
/* Does the fence that the journal knows stand on this node? */
bool situation_is_fenced(const struct situation *situation, const struct observed_node *node);
/* The setting that carries the fence, by its name on this node, or NULL when it has none. */
const char *situation_fence_setting(const struct observed_node *node);
/* Shards of the source that own slots; one without cluster mode. */
size_t situation_serving_shards(const struct situation *situation);
/* The file wants a group in cluster mode, or there is one. */
bool situation_target_clustered(const struct situation *situation);
/* Whom the group follows, or the first of its shards that follows anybody; NULL when none does. */
const char *situation_followed(const struct observed_target *target);
/* Is this its address, or the one that the service knows it by? */
bool situation_is_node(const struct observed_node *node, const char *address, size_t length);
/* The position of the source node with this address, or -1. */
int situation_node_index(const struct situation *situation, const char *address, size_t length);
