/* Random values of each type, and what servers answer when they are read: the same value can be
 * told in many ways. */
#pragma once

#include "executor/verify/key_read.h"

#define ELEMENTS 6
#define LONG_BYTES ((size_t)160 << 10) /* of a long string: several chunks */

extern const char *const value_types[]; /* by kind, as TYPE says it */
uint64_t value_random(uint64_t below);  /* the same ones each time, so that a failure repeats */

/* One model for all types: what an element is made of, in the order that the type has. */
struct value {
    enum key_kind kind;
    int64_t expire_at_ms;
    size_t count;
    uint64_t parts[ELEMENTS][3]; /* bytes; of sorted sets [1] is the score; of streams [2] the id */
    uint64_t last, added, deleted; /* of a stream */
    uint64_t group[4]; /* its name, last delivered id, consumer and time of [3] pending */
    int64_t delivered_count;
    const char *whole; /* a long string, instead */
};

/* How it is told: equal values may be told in many ways. */
struct manner {
    size_t order[ELEMENTS]; /* of what has none */
    bool chunks, shortest, newer;
};

size_t value_length(uint64_t part); /* of the bytes that count */
/* The answers to what the reading asks next, good until the next call; the number of them. */
size_t value_tell(const struct value *value, const struct key_read *read,
                  const struct manner *manner, struct redis_reply *answers[3]);
