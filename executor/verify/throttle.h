/* Keeps the source's time spent on us below a share, and holds back while its clients or its
 * replicas feel something: its answers take long, or what it keeps for its replicas grows. */
#pragma once

#include "executor/verify/verify.h"
#include "providers/redis/flow.h"

struct throttle {
    int share;              /* percent; 0 and 100: no limit, and no probe either */
    int64_t debt_us;        /* to be waited */
    int64_t probed_mono_ms; /* last */
    int64_t usual_us;       /* of an answer; 0 before the first probe */
    int64_t least_bytes;    /* kept for replicas */
    int64_t back_off_ms;    /* after each round, as things are */
    int64_t backed_off_ms;  /* in all */
};

bool throttle_limit(const struct throttle *throttle);
/* The source was busy with us for so long. Waits when that has become worth it. */
void throttle_spent(struct throttle *throttle, int64_t spent_us);
/* Asks the source now and then how it is; nothing may be on the way on the flow. Waits when it is
 * strained. */
MUST_CHECK bool throttle_probe(struct throttle *throttle, struct redis_flow *source,
                               int64_t deadline_mono_ms, struct error *err);
int64_t throttle_now_us(void);

/* Pure: what one probe makes of it. */
void throttle_judge(struct throttle *throttle, int64_t took_us, int64_t kept_bytes);
