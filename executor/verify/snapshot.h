/* What one INFO reply of a server says about its keyspace and its place in replication. */
#pragma once

#include "executor/verify/verify.h"

struct keyspace_row {
    int64_t database, keys, expires;
};
struct keyspace {
    struct keyspace_row *items; /* in ascending order; only databases that hold keys */
    size_t count;
    int64_t total_keys;
};

struct look {
    bool is_replica, link_up;
    bool clustered; /* a command takes keys of one slot only */
    char *run_id, *replid;
    int64_t offset;       /* what it has written, or as a replica: applied */
    int64_t copied_bytes; /* of a whole copy that it gets or loads meanwhile; 0: none, or untold */
    int64_t expired_keys, evicted_keys;
    int64_t changes, saved_at_s; /* writes since the snapshot of that time */
    int version;                 /* 700 of 7.0 */
    struct keyspace keyspace;
};

MUST_CHECK bool look_at(struct redis_connection *connection, int64_t deadline_mono_ms,
                        struct look *out, struct error *err);
/* Both at once. */
MUST_CHECK bool look_at_both(const struct verify_options *options, struct look *source,
                             struct look *target, struct error *err);
/* The source; where it is a replica that is read instead of its primary, once it is at that offset
 * of the target or past it: the target may be ahead of such a one. */
MUST_CHECK bool look_at_source(const struct verify_options *options, int64_t offset,
                               struct look *out, struct error *err);
/* Until the target shows, in one reply, its link up, this replid and at least this offset. */
MUST_CHECK bool look_when_caught_up(const struct verify_options *options, const char *replid,
                                    int64_t offset, struct look *out, struct error *err);
struct looks {
    struct look source, target;
};
void looks_clear(struct looks *looks);
AUTO_VALUE(struct looks, looks_clear)
/* The source, no earlier than the target was, and the target once it is at that offset or past it;
 * detached, both at once. */
MUST_CHECK bool look_in_step(const struct verify_options *options, struct looks *out,
                             struct error *err);
/* Two looks at one server, when nothing was written, expired or evicted between them. */
bool look_was_still(const struct look *before, const struct look *after);
struct keyspace_row keyspace_row(const struct look *look, int64_t database); /* zeros when empty */
void look_clear(struct look *look);
AUTO_VALUE(struct look, look_clear)

/* What to do about a refusal, by its first word: not every one is of an ACL. */
bool refusal_hint(struct error *err, const char *fault, size_t length);
/* Asks whether to go on, between waits and batches. */
MUST_CHECK bool verify_go_on(const struct verify_options *options, int64_t done, int64_t total,
                             struct error *err);
