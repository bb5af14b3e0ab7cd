/* Plain and TLS connections on one port, which the service offers and a stock server does not: a
 * process before the nodes of a group that looks at the first byte of each connection, and passes
 * it on to the node's port for its kind. */
#pragma once

#include <stdbool.h>

#include "providers/local/state/endpoint.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"

/* On both addresses of each node; returns when it accepts connections. It runs already: fine. */
MUST_CHECK bool relay_start(const struct endpoint *endpoint, const struct group *group,
                            struct error *err);
/* Ends all connections that went through it. */
void relay_end(const char *dir, const struct group *group);
