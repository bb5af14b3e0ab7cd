#include "executor/verify/pace.h"

#define FIRST_CHUNK_COUNT ((size_t)250)
#define FIRST_ANSWERS_COUNT ((size_t)32)
#define SLOW_US 2000 /* more than the quickest trip */
#define QUICK_US 1000
#define HEAVY_BYTES ((size_t)1 << 20)

struct pace pace_begin(void) {
    return (struct pace){ FIRST_CHUNK_COUNT, FIRST_ANSWERS_COUNT, 0 };
}

static size_t within(size_t count, size_t least, size_t most) {
    return count < least ? least : count > most ? most : count;
}

void pace_judge(struct pace *pace, size_t answers_count, bool held_back, int64_t took_us,
                size_t bytes) {
    if (pace->least_us == 0 || took_us < pace->least_us)
        pace->least_us = took_us;
    int64_t beyond_us = took_us - pace->least_us;
    pace->least_us += pace->least_us / 256; /* a way that has become longer for good */
    bool slow = beyond_us > SLOW_US || bytes > HEAVY_BYTES;
    bool quick = beyond_us < QUICK_US && bytes < HEAVY_BYTES / 2;
    if (slow && answers_count > 1)
        pace->answers_count = within(answers_count / 2, 1, ANSWERS_MOST_COUNT);
    else if (slow)
        pace->chunk_count = within(pace->chunk_count / 2, CHUNK_LEAST_COUNT, CHUNK_MOST_COUNT);
    else if (quick && held_back)
        pace->answers_count = within(answers_count + answers_count / 4 + 1, 1, ANSWERS_MOST_COUNT);
    else if (quick && answers_count <= 1)
        pace->chunk_count = within(pace->chunk_count + pace->chunk_count / 16 + 1,
                                   CHUNK_LEAST_COUNT, CHUNK_MOST_COUNT);
}
