/* Recorded answers, read by the same code as those that come from the service. Nothing is sent;
 * pure but for the clock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"

struct service_recorded {
    const char *action; /* one that elasticache_knows */
    const char
        *subject; /* the group, cluster, parameter group, ARN or engine asked about; or NULL */
    long status;
    const char *body;
    size_t length;
};
bool elasticache_knows(const char *action);
/* The error codes that decide something here; others are decided by the HTTP status. */
bool elasticache_knows_code(const char *code);
/* What the verb of the action would have made of the answer: false with the error that its caller
 * would have seen. */
MUST_CHECK bool elasticache_replay(const struct service_recorded *recorded, struct error *err);
