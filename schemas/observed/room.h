/* How much memory a source server has left, and how much of it the migration takes: arithmetic over
 * what INFO says, for the plan, right before a step acts, and while the target copies.
 *
 * Below maxmemory counts what the server itself counts: used_memory less mem_not_counted_for_evict.
 * The replication backlog counts. Up to 6.2 all of it is allocated when the first replica attaches
 * or when it is resized; from 7.0 on it shares blocks with the replicas' output buffers, which
 * count up to repl-backlog-size, and fills as clients write. Replica output buffers beyond that do
 * not count, and neither do the pages that a fork copies: these take the machine's memory. The
 * output buffers of ordinary clients count: what a comparison reads waits there until it is sent.
 * Source: freeMemoryGetNotCountedMemory in evict.c of 6.0, 6.2 and 7.0. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/text.h"
#include "schemas/config/config.h"
#include "schemas/observed/observed.h"

/* Connections, query buffers and replies of ecmig and of the target on one server. */
#define ROOM_RESERVE_BYTES ((int64_t)4 << 20)
/* Of one comparison on one server: the answers that it lets be under way (executor/verify/flight.h)
 * and as much again for what the server allocates while it makes them. */
#define ROOM_COMPARISON_BYTES ((int64_t)4 << 20)
/* Percent of the source's time that a comparison takes while clients are served. */
#define ROOM_COMPARISON_SHARE 20
#define ROOM_BACKLOG "repl-backlog-size"

/* What the migration takes beyond the reserve. */
struct room_need {
    int64_t backlog_bytes;    /* beyond what the backlog takes now */
    int64_t comparison_bytes; /* 0 where no values are compared */
};

struct room {
    bool known;                                   /* INFO said enough */
    bool of_machine;                              /* the machine's memory is the nearer limit */
    int64_t limit_bytes, taken_bytes, free_bytes; /* free is limit less taken, never below 0 */
};

void room_of(const struct observed_node *node, struct room *out);
/* What the file's comparisons take: counting alone reads no values. */
int64_t room_of_comparison(const struct config *config);
/* The same without a look at maxmemory: what output buffers and a fork may take. */
void room_of_machine(const struct observed_node *node, struct room *out);
/* What a backlog of this size takes at most beyond what it takes now. */
int64_t room_backlog_growth(const struct observed_node *node, int64_t size_bytes);
/* Is there room for this, and for what ecmig itself takes? True when it is not known. */
bool room_fits(const struct room *room, const struct room_need *need);
/* All that the migration takes, the reserve with it. */
int64_t room_need_bytes(const struct room_need *need);
/* "64 MiB backlog + 4 MiB comparison + 4 MiB connections = 72 MiB; maxmemory 100 MiB - 96 MiB
 * counted = 4 MiB free" */
void room_add_sum(struct text *text, const struct room *room, const struct room_need *need);
/* A maxmemory, in whole MiB, below which twice the need fits; 0 when maxmemory is not what limits.
 */
int64_t room_enough_maxmemory(const struct room *room, const struct room_need *need);
