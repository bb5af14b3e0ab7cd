/* Conditions and time limits that several sections use. */
#include "planner/sequence/section.h"

#define COMPLETE_TIMEOUT_S (20 * 60) /* the whole section from sending on; cutover protocol */

bool before_promotion(const struct situation *now) {
    return !now->promoted;
}

int64_t minutes_2(const struct situation *now) {
    (void)now;
    return 2 * 60;
}

int64_t minutes_15(const struct situation *now) {
    (void)now;
    return 15 * 60;
}

int64_t hour(const struct situation *now) {
    (void)now;
    return 60 * 60;
}

int64_t two_hours(const struct situation *now) {
    (void)now;
    return 2 * 60 * 60;
}

int64_t completion(const struct situation *now) {
    (void)now;
    return COMPLETE_TIMEOUT_S;
}
