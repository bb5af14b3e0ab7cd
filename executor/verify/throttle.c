#include "executor/verify/throttle.h"

#include <time.h>

#include "executor/verify/scan.h"
#include "providers/redis/info.h"
#include "schemas/base/clock.h"

#define LOOK_EVERY_MS 250
#define DEBT_US 2000            /* less is not waited for: sleeping is not that exact */
#define WAIT_CEILING_US 2000000 /* at a time */
#define SLOW_US 3000            /* an answer is slow that takes so much longer than usual */
#define GROWTH_BYTES ((int64_t)16 << 20)
#define BACK_OFF_FIRST_MS 50
#define BACK_OFF_LAST_MS 2000

int64_t manners_now_us(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool manners_limit(const struct manners *manners) {
    return manners->share > 0 && manners->share < 100;
}

void manners_spent(struct manners *manners, int64_t spent_us) {
    if (!manners_limit(manners) || spent_us <= 0)
        return;
    manners->debt_us += spent_us * (100 - manners->share) / manners->share;
    if (manners->debt_us < DEBT_US)
        return;
    if (manners->debt_us > WAIT_CEILING_US)
        manners->debt_us = WAIT_CEILING_US;
    const struct timespec time = { manners->debt_us / 1000000, manners->debt_us % 1000000 * 1000 };
    int64_t from_us = manners_now_us();
    (void)nanosleep(&time, NULL);
    manners->debt_us -= manners_now_us() - from_us; /* what was slept too long counts */
}

void manners_judge(struct manners *manners, int64_t took_us, int64_t kept_bytes) {
    if (manners->usual_us == 0 || took_us < manners->usual_us)
        manners->usual_us = took_us;
    if (manners->least_bytes == 0 || kept_bytes < manners->least_bytes)
        manners->least_bytes = kept_bytes;
    bool slow = took_us > 4 * manners->usual_us + SLOW_US;
    bool growing = kept_bytes > manners->least_bytes + GROWTH_BYTES;
    manners->usual_us += manners->usual_us / 64; /* a source that has become slower for good */
    if (!slow && !growing)
        manners->back_off_ms /= 2;
    else if (manners->back_off_ms < BACK_OFF_LAST_MS / 2)
        manners->back_off_ms = manners->back_off_ms ? 2 * manners->back_off_ms : BACK_OFF_FIRST_MS;
    else
        manners->back_off_ms = BACK_OFF_LAST_MS;
}

/* What 7.0 shares among replicas includes the backlog, which stays as it is. */
static int64_t kept_bytes(const struct redis_token *memory) {
    AUTO(info_clear) struct info info = { 0 };
    if (memory->type != REDIS_STRING)
        return 0;
    info_parse(memory->bytes, memory->length, &info);
    return info_int(&info, "mem_clients_slaves", 0) +
           info_int(&info, "mem_total_replication_buffers", 0);
}

bool manners_look(struct manners *manners, struct redis_flow *source, int64_t deadline_mono_ms,
                  struct error *err) {
    int64_t now_mono_ms = clock_mono_ms(), arrived_us = 0;
    if (!manners_limit(manners) || now_mono_ms - manners->looked_mono_ms < LOOK_EVERY_MS)
        return true;
    redis_flow_begin(source, 2);
    FLOW_WORD(source, "INFO");
    FLOW_WORD(source, "memory");
    const size_t wanted = 1;
    int64_t sent_us = manners_now_us();
    if (!redis_flow_await(&source, &wanted, 1, deadline_mono_ms, &arrived_us, err))
        return false;
    struct redis_token memory = redis_flow_take(source);
    manners_judge(manners, arrived_us - sent_us, kept_bytes(&memory));
    manners->backed_off_ms += manners->back_off_ms;
    clock_sleep_ms(manners->back_off_ms);
    manners->looked_mono_ms = clock_mono_ms();
    return true;
}
