#include "executor/verify/throttle.h"

#include <time.h>

#include "executor/verify/scan.h"
#include "providers/redis/server.h"
#include "schemas/base/clock.h"

#define LOOK_EVERY_MS 250
#define DEBT_US 2000            /* less is not waited for: sleeping is not that exact */
#define WAIT_CEILING_US 2000000 /* at a time */
#define SLOW_US 3000            /* an answer is slow that takes so much longer than usual */
#define GROWTH_BYTES ((int64_t)16 << 20)
#define BACK_OFF_FIRST_MS 50
#define BACK_OFF_LAST_MS 2000

int64_t throttle_now_us(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool throttle_limit(const struct throttle *throttle) {
    return throttle->share > 0 && throttle->share < 100;
}

void throttle_spent(struct throttle *throttle, int64_t spent_us) {
    if (!throttle_limit(throttle) || spent_us <= 0)
        return;
    throttle->debt_us += spent_us * (100 - throttle->share) / throttle->share;
    if (throttle->debt_us < DEBT_US)
        return;
    if (throttle->debt_us > WAIT_CEILING_US)
        throttle->debt_us = WAIT_CEILING_US;
    const struct timespec time = { throttle->debt_us / 1000000,
                                   throttle->debt_us % 1000000 * 1000 };
    int64_t from_us = throttle_now_us();
    (void)nanosleep(&time, NULL);
    throttle->debt_us -= throttle_now_us() - from_us; /* what was slept too long counts */
}

void throttle_judge(struct throttle *throttle, int64_t took_us, int64_t kept_bytes) {
    if (throttle->usual_us == 0 || took_us < throttle->usual_us)
        throttle->usual_us = took_us;
    if (throttle->least_bytes == 0 || kept_bytes < throttle->least_bytes)
        throttle->least_bytes = kept_bytes;
    bool slow = took_us > 4 * throttle->usual_us + SLOW_US;
    bool growing = kept_bytes > throttle->least_bytes + GROWTH_BYTES;
    throttle->usual_us += throttle->usual_us / 64; /* a source that has become slower for good */
    if (!slow && !growing)
        throttle->back_off_ms /= 2;
    else if (throttle->back_off_ms < BACK_OFF_LAST_MS / 2)
        throttle->back_off_ms =
            throttle->back_off_ms ? 2 * throttle->back_off_ms : BACK_OFF_FIRST_MS;
    else
        throttle->back_off_ms = BACK_OFF_LAST_MS;
}

/* What 7.0 shares among replicas includes the backlog, which stays as it is. */
static int64_t kept_bytes(const struct redis_token *memory) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    if (memory->type != REDIS_STRING)
        return 0;
    server_info_parse(memory->bytes, memory->length, &server);
    return server.replica_buffer_bytes;
}

bool throttle_probe(struct throttle *throttle, struct redis_flow *source, int64_t deadline_mono_ms,
                    struct error *err) {
    int64_t now_mono_ms = clock_mono_ms(), arrived_us = 0;
    if (!throttle_limit(throttle) || now_mono_ms - throttle->probed_mono_ms < LOOK_EVERY_MS)
        return true;
    redis_flow_begin(source, 2);
    FLOW_WORD(source, "INFO");
    FLOW_WORD(source, "memory");
    const size_t wanted = 1;
    int64_t sent_us = throttle_now_us();
    if (!redis_flow_await(&source, &wanted, 1, deadline_mono_ms, &arrived_us, err))
        return false;
    struct redis_token memory = redis_flow_take(source);
    throttle_judge(throttle, arrived_us - sent_us, kept_bytes(&memory));
    throttle->backed_off_ms += throttle->back_off_ms;
    clock_sleep_ms(throttle->back_off_ms);
    throttle->probed_mono_ms = clock_mono_ms();
    return true;
}
