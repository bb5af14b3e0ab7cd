/* Does the target answer at the names that the service gives for it now? */
#pragma once

#include "executor/site/site.h"

/* Describes the group, resolves and dials its endpoints afresh, with TLS and a login where it is
 * described to have them; each shard must have a primary. Where it asks for a login that the file
 * does not give, that it asks is enough, and is said. */
MUST_CHECK bool endpoint_answers(struct site *site, struct error *err);
/* Whether the primary endpoint asks who does not log in to do so. */
MUST_CHECK bool endpoint_asks_login(struct site *site, bool *asks, struct error *err);
