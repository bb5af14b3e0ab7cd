/* Where a server stands in a replication history, of one INFO reply, and what follows from
 * it. An offset without its replid proves nothing: after a restart of the source a fresh history
 * counts from 0 again, while a cut-off replica shows a large number. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "executor/site/many.h"
#include "providers/redis/redis.h"
#include "providers/redis/server.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/json/shape.h"

struct replication {
    bool is_primary;
    bool link_up, syncing; /* of a replica */
    bool writable;         /* it is a replica, and says that it accepts writes of its own */
    char *follows;         /* HOST:PORT of its primary, or NULL */
    char *run_id;          /* NULL when only the replication section was asked */
    char *replid, *replid2;
    int64_t offset;         /* master_repl_offset */
    int64_t applied_offset; /* slave_repl_offset; -1 on a primary */
    int64_t second_offset;  /* second_repl_offset: first byte that is not of replid2's history */
    int64_t backlog_first_offset;
    int64_t sync_total_bytes, sync_read_bytes; /* 0 when unknown */
    int64_t full_syncs; /* sync_full; -1 when only the replication section was asked */
};

extern const struct shape replication_shape; /* as evidence */

/* A place in one history. */
struct replication_sample {
    char *replid;
    int64_t offset;
};

void replication_read(const struct server_info *server, struct replication *out);
void replication_clear(struct replication *replication);
AUTO_VALUE(struct replication, replication_clear)

struct replications {
    struct replication *items;
    size_t count;
};
/* All of these servers in one flight, in their order. */
MUST_CHECK bool replication_ask_many(const struct many *servers, const char *section,
                                     int64_t deadline_mono_ms, struct replications *out,
                                     struct error *err);
void replications_clear(struct replications *list);
AUTO_VALUE(struct replications, replications_clear)

/* It is a primary, and says which history it writes; else ERROR_FAILED. */
MUST_CHECK bool replication_is_source(const struct replication *node, const char *address,
                                      struct error *err);
/* The source now continues the history of the sample: the same replid, or a successor that took it
 * over past the sampled offset. */
bool replication_continues(const struct replication *source_now,
                           const struct replication_sample *sample);
/* One reply of the target shows that it has everything up to the sample. `source_now` may be NULL:
 * then only the sampled replid itself counts. */
bool replication_caught_up(const struct replication *target, const struct replication *source_now,
                           const struct replication_sample *sample);
/* The target was promoted out of the sampled history, with everything up to the sample. */
enum promotion { PROMOTION_NONE, PROMOTION_CLEAN, PROMOTION_EARLY, PROMOTION_UNPROVEN };
/* NONE: still a replica. CLEAN: proven. EARLY: promoted before the sample: writes are missing.
 * UNPROVEN: a primary, but its second history is gone or another one. */
enum promotion replication_promotion(const struct replication *target,
                                     const struct replication *source_now,
                                     const struct replication_sample *sample);
