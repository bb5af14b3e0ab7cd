/* Keys that the first pass could not prove: looked at in batches, the big ones a few at a time, and
 * those that are written to again and again later, a bounded number of times and of keys. */
#pragma once

#include "executor/verify/compare.h"

struct queue {
    struct comparison *comparison;
    struct suspects fresh, big, open;
    int64_t worked_mono_ms;
};

#define SIZE_UNKNOWN INT64_C(-1)
/* size_bytes: of the larger value. */
void queue_add(struct queue *queue, int64_t database, const char *bytes, size_t length,
               int64_t size_bytes);
/* There is enough to make it worth while to stop the first pass. */
bool queue_is_due(const struct queue *queue);
/* Looks at what is due, and on until there is room for more; to_the_end: until everything is
 * decided or given up. */
MUST_CHECK bool queue_work(struct queue *queue, bool to_the_end, struct error *err);
void queue_clear(struct queue *queue);
AUTO_VALUE(struct queue, queue_clear)
