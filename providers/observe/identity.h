/* Which servers a topology's addresses lead to, for a caller that is going to act on them. */
#pragma once

#include <stdint.h>

#include "providers/redis/tls.h"
#include "providers/redis/topology.h"
#include "schemas/base/secret.h"
#include "schemas/config/config.h"

struct identity_question {
    const struct config_source *source;
    const struct secret *password;   /* NULL: none */
    const struct redis_tls *tls;     /* NULL: plain */
    const struct strings *not_these; /* the target's, or NULL */
    int64_t timeout_ms;              /* of each server */
};

/* Asks every server of the topology who it is, keeps each once, and fills in `others` and
 * `unproven` of its shards. A member that does not answer stays: the caller that dials it says so.
 */
void identity_settle(const struct identity_question *question, struct topology *topology);
