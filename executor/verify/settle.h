/* What a replica that was read shows otherwise than the target is not a difference between source
 * and target until the primary shows it too: a replica may be written to by itself. */
#pragma once

#include "executor/verify/verify.h"

/* Of a result whose source was a replica: everything that is not equal is compared again with the
 * primary, which decides. What only the replica has otherwise is counted in replica_differs. */
MUST_CHECK bool verify_settle(const struct verify_options *options,
                              struct redis_connection *primary, struct verify_result *result,
                              struct error *err);
