/* Standard retry mode: how often, and how long to wait. Pure but for the random numbers given. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/language.h"

#define RETRY_ATTEMPTS 3
#define RETRY_QUOTA                                                                                \
    500 /* tokens shared by all calls of a client, so that an outage is not made                   \
           worse by everybody trying three times */

struct retry {
    int64_t quota, borrowed; /* borrowed: by the call that is under way */
    int attempt_ceiling;
};

/* May attempt number `attempt` (from 1) be followed by another? Takes tokens when it may. */
bool retry_again(struct retry *retry, int attempt, bool throttled);
void retry_succeeded(struct retry *retry);

/* Wait after attempt number `attempt` failed: random (0 to 999999 parts of a million) of an
 * exponential step, from 50 ms (transient) or 1 s (throttled) up to 20 s. A hint of the service
 * (x-amz-retry-after, or -1) lengthens it, by 5 s at most. */
int64_t retry_delay_ms(int attempt, bool throttled, int64_t hint_ms, uint32_t random_millionths);
