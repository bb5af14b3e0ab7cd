#include "executor/verify/pace.h"

#define FIRST_CHUNK_COUNT ((size_t)250)
#define FIRST_ANSWERS_COUNT ((size_t)32)
#define WANTED_US INT64_C(1500)
#define HEAVY_BYTES ((size_t)1 << 20) /* in one trip */
#define SLOWER_PART 32                /* of what is new, where it took longer */
#define QUICKER_PART 8

struct pace pace_begin(void) {
    return (struct pace){ .chunk_count = FIRST_CHUNK_COUNT, .answers_count = FIRST_ANSWERS_COUNT };
}

/* A server that had to wait for its processor takes long now and then, however little is asked:
 * what is quicker counts for more. */
static void learn(int64_t *known_ns, int64_t beyond_us, size_t count) {
    int64_t seen_ns = beyond_us * 1000 / (int64_t)count;
    *known_ns += (seen_ns - *known_ns) / (seen_ns > *known_ns ? SLOWER_PART : QUICKER_PART);
}

static size_t fitting(int64_t each_ns, size_t least, size_t most) {
    size_t count = (size_t)(WANTED_US * 1000 / (each_ns > 0 ? each_ns : 1));
    return count < least ? least : count > most ? most : count;
}

void pace_judge(struct pace *pace, size_t answers_count, size_t chunk_count, int64_t took_us,
                size_t bytes) {
    if (answers_count == 0 || chunk_count == 0)
        return;
    if (pace->least_us == 0 || took_us < pace->least_us)
        pace->least_us = took_us;
    int64_t beyond_us = took_us - pace->least_us;
    pace->least_us += pace->least_us / 256; /* a way that has become longer for good */
    if (answers_count == 1) {
        learn(&pace->element_ns, beyond_us, chunk_count);
        pace->chunk_count = fitting(pace->element_ns, CHUNK_LEAST_COUNT, CHUNK_MOST_COUNT);
        return;
    }
    learn(&pace->answer_ns, beyond_us, answers_count);
    pace->answers_count = fitting(pace->answer_ns, 1, ANSWERS_MOST_COUNT);
    if (bytes > HEAVY_BYTES && pace->answers_count > answers_count * HEAVY_BYTES / bytes)
        pace->answers_count = 1 + answers_count * HEAVY_BYTES / bytes;
}
