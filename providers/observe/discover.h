/* Which servers the source consists of now, asked anew of those that the migration file names. */
#pragma once

#include <stdint.h>

#include "providers/redis/tls.h"
#include "providers/redis/topology.h"
#include "schemas/base/secret.h"
#include "schemas/config/config.h"

struct discovery {
    const struct config_source *source;
    const struct secret *password; /* may be NULL, as may tls */
    const struct redis_tls *tls;
    /* HOST:PORT of servers that are not part of the source although they replicate from it: the
     * target's. May be NULL. */
    const struct strings *not_these;
    int64_t deadline_mono_ms;
};

/* By source.topology: the configured node and its replicas; what the Sentinels agree on; the view
 * of the first seed that answers. Errors name the seeds that were asked: ERROR_UNREACHABLE and
 * ERROR_DEADLINE also for a cluster whose members announce addresses that cannot be reached from
 * here, ERROR_REFUSED, ERROR_FORMAT, ERROR_NOT_FOUND (no primary), ERROR_CONFLICT (the Sentinels do
 * not agree). */
MUST_CHECK bool topology_discover(const struct discovery *discovery, struct topology *out,
                                  struct error *err);
