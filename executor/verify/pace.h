/* How much is asked for at once: as much as the servers give in a millisecond or two beyond the way
 * there and back, because their clients wait while we are served. Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CHUNK_LEAST_COUNT ((size_t)32) /* elements in one answer; less would never end */
#define CHUNK_MOST_COUNT ((size_t)1000)
#define ANSWERS_MOST_COUNT ((size_t)250)

struct pace {
    size_t chunk_count;            /* elements of a big value in one answer */
    size_t answers_count;          /* answers about values on the way at once */
    int64_t least_us;              /* that a trip took; 0 before the first */
    int64_t element_ns, answer_ns; /* what one takes, as far as is known */
};

struct pace pace_begin(void);
/* What a trip makes of it: for how many answers, and of how many elements where it was one. */
void pace_judge(struct pace *pace, size_t answers_count, size_t chunk_count, int64_t took_us,
                size_t bytes);
