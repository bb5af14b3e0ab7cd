#include "providers/elasticache/retry.h"

#define TRANSIENT_COST 14
#define THROTTLED_COST 5
#define DELAY_CEILING_MS 20000
#define HINT_CEILING_MS 5000

bool retry_again(struct retry *retry, int attempt, bool throttled) {
    int64_t cost = throttled ? THROTTLED_COST : TRANSIENT_COST;
    if (attempt >= retry->attempt_ceiling || retry->quota < cost)
        return false;
    retry->quota -= cost;
    retry->borrowed = cost;
    return true;
}

void retry_succeeded(struct retry *retry) {
    retry->quota += retry->borrowed ? retry->borrowed : 1;
    retry->borrowed = 0;
    if (retry->quota > RETRY_QUOTA)
        retry->quota = RETRY_QUOTA;
}

int64_t retry_delay_ms(int attempt, bool throttled, int64_t hint_ms, uint32_t random_millionths) {
    int64_t step_ms = throttled ? 1000 : 50;
    for (int i = 1; i < attempt && step_ms < DELAY_CEILING_MS; i++)
        step_ms *= 2;
    if (step_ms > DELAY_CEILING_MS)
        step_ms = DELAY_CEILING_MS;
    int64_t delay_ms = step_ms * random_millionths / 1000000;
    if (hint_ms > delay_ms + HINT_CEILING_MS)
        return delay_ms + HINT_CEILING_MS;
    return hint_ms > delay_ms ? hint_ms : delay_ms;
}
