/* Every key of one database, both connections being there already. What is not proven equal at the
 * first reading goes to the queue, which is worked on when it is due. */
#pragma once

#include "executor/verify/checkpoint.h"
#include "executor/verify/queue.h"
#include "executor/verify/scan.h"

/* SCAN on the source: strings by their bytes, other small values by their DUMP without its version
 * and checksum or by their elements, everything by its expiry. From the cursor of the checkpoint,
 * which is kept now and then. */
MUST_CHECK bool sweep_source(struct comparison *comparison, struct queue *queue,
                             struct checkpoint *checkpoint, struct error *err);
/* SCAN on the target: what the source does not hold. From the checkpoint's cursor, too. */
MUST_CHECK bool sweep_target(struct comparison *comparison, struct queue *queue,
                             struct checkpoint *checkpoint, struct error *err);
/* Both, in all the databases that the result has rows of. */
MUST_CHECK bool sweep_full(struct comparison *comparison, const struct snapshot *source,
                           const struct snapshot *target, struct error *err);

/* Some keys of each stage, asked in one go. */
struct round {
    bool scanned;
    bool expiry_asked;    /* of strings and dumps; else no key had one when the round began */
    bool sizes_of_source; /* too: else only the target is asked for sizes */
    bool sizes_are_exact;
    struct names sizes;  /* MEMORY USAGE */
    struct names weighs; /* the same, exactly, of what turned out to be no string */
    struct names groups; /* MGET, several names to a group: size_bytes counts those of a group at
                            its first name, and is 0 for the others */
    struct names dumps;
    struct names wholes; /* dumped already, and dumped alike they are not */
    size_t wanted[2];
    int64_t sent_us;
};

#define ROUND_COUNT 2
#define WEIGHED                                                                                    \
    'w' /* the type of a name whose size both told; else 0 or how to ask for elements              \
         */
#define SWEEP_ALL (1 << 20)

struct sweep {
    struct comparison *comparison;
    struct queue *queue;
    int64_t database;
    struct redis_flow *source, *target;
    struct scan scan;
    struct names names, values, weighs, dumps, wholes; /* to be asked */
    bool draining; /* nothing more is scanned until all that was is compared */
    bool expires;  /* some key has an expiry, as far as is known */
    int strings;   /* share of the last hundred or so values, of SWEEP_ALL */
    struct round rounds[ROUND_COUNT];
    size_t oldest, flying_count, depth;
};

/* What a round asks, and what the answers say. */
bool sweep_send(struct sweep *sweep); /* false: there is nothing to ask */
MUST_CHECK bool sweep_take(struct sweep *sweep, struct round *round, struct error *err);
