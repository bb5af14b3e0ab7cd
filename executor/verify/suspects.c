#include "executor/verify/compare.h"

#define CLOCK_SKEW_MS 2000 /* between us, the source and the target */

struct key_state key_state_of(const struct key_read *read) {
    return (struct key_state){ read->kind, read->expire_at_ms, read->digest, read->torn };
}

static bool same_expiry(int64_t one, int64_t two, int64_t tolerance_ms) {
    if (one < 0 || two < 0)
        return one == two;
    int64_t apart = one < two ? two - one : one - two;
    return apart <= tolerance_ms;
}

bool key_state_same(const struct key_state *one, const struct key_state *two,
                    int64_t tolerance_ms) {
    if (one->torn || two->torn || one->kind != two->kind || one->kind == KEY_OTHER)
        return false;
    return one->kind == KEY_NONE ||
           (key_digest_equal(&one->digest, &two->digest) &&
            same_expiry(one->expire_at_ms, two->expire_at_ms, tolerance_ms));
}

static bool is_expiring(const struct key_state *one, const struct key_state *two,
                        int64_t now_at_ms) {
    if ((one->kind == KEY_NONE) == (two->kind == KEY_NONE))
        return false;
    int64_t expire_at_ms = one->kind == KEY_NONE ? two->expire_at_ms : one->expire_at_ms;
    return expire_at_ms >= 0 && expire_at_ms >= now_at_ms - CLOCK_SKEW_MS &&
           expire_at_ms <= now_at_ms + CLOCK_SKEW_MS;
}

/* A type that cannot be read is like another such. */
static bool alike(const struct key_state *one, const struct key_state *two, int64_t tolerance_ms) {
    return (one->kind == KEY_OTHER && two->kind == KEY_OTHER) ||
           key_state_same(one, two, tolerance_ms);
}

enum judgement suspect_judge(struct suspect *suspect, const struct key_state *source,
                             const struct key_state *target, int alike_needed, int64_t tolerance_ms,
                             int64_t now_at_ms) {
    bool again = suspect->looks > 0;
    suspect->expiring = is_expiring(source, target, now_at_ms);
    if (key_state_same(source, target, tolerance_ms) ||
        (again && (key_state_same(&suspect->source, target, tolerance_ms) ||
                   key_state_same(source, &suspect->target, tolerance_ms))))
        return JUDGED_EQUAL;
    if (source->kind == KEY_OTHER && target->kind == KEY_OTHER)
        return JUDGED_UNVERIFIABLE;
    again = again && suspect->alike > 0 && alike(&suspect->source, source, tolerance_ms) &&
            alike(&suspect->target, target, tolerance_ms);
    suspect->alike = again ? suspect->alike + 1 : 1;
    if (source->torn || target->torn || suspect->expiring)
        suspect->alike = 0;
    suspect->source = *source;
    suspect->target = *target;
    return suspect->alike >= alike_needed ? JUDGED_MISMATCH : JUDGED_OPEN;
}
