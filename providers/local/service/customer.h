/* What a migration asks of the customer's servers. */
#pragma once

#include "providers/local/state/state.h"
#include "providers/redis/cluster.h"
#include "providers/redis/redis.h"
#include "providers/redis/server.h"

MUST_CHECK bool customer_open(const char *host, int64_t port, struct redis_connection **out,
                              struct error *err);
MUST_CHECK bool customer_info(struct redis_connection *source, struct server_info *out,
                              struct error *err);
bool customer_is_protected(struct redis_connection *source);
/* ERROR_BLOCKED for what can never be: one of them in cluster mode and the other not. */
MUST_CHECK bool customer_mode_fits(struct redis_connection *source, const struct group *group,
                                   struct error *err);
MUST_CHECK bool customer_view(struct redis_connection *source, struct cluster_view *out,
                              struct error *err);
/* All that TestMigration looks at. */
MUST_CHECK bool customer_is_fit(struct state *state, const struct group *group, struct error *err);
