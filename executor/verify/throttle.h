/* Keeps the source's time spent on us below a share, and holds back while its clients or its
 * replicas feel something: its answers take long, or what it keeps for its replicas grows. */
#pragma once

#include "executor/verify/verify.h"
#include "providers/redis/flow.h"

struct manners {
    int share;              /* percent; 0 and 100: no limit, and no look either */
    int64_t debt_us;        /* to be waited */
    int64_t looked_mono_ms; /* last */
    int64_t usual_us;       /* of an answer; 0 before the first look */
    int64_t least_bytes;    /* kept for replicas */
    int64_t back_off_ms;    /* after each round, as things are */
    int64_t backed_off_ms;  /* in all */
};

bool manners_limit(const struct manners *manners);
/* The source was busy with us for so long. Waits when that has become worth it. */
void manners_spent(struct manners *manners, int64_t spent_us);
/* Asks the source now and then how it is; nothing may be on the way on the flow. Waits when it is
 * strained. */
MUST_CHECK bool manners_look(struct manners *manners, struct redis_flow *source,
                             int64_t deadline_mono_ms, struct error *err);
int64_t manners_now_us(void);

/* Pure: what one look makes of it. */
void manners_judge(struct manners *manners, int64_t took_us, int64_t kept_bytes);
