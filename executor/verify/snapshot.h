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

struct snapshot {
    bool is_replica, link_up;
    bool clustered; /* a command takes keys of one slot only */
    char *run_id, *replid;
    int64_t offset;       /* what it has written, or as a replica: applied */
    int64_t copied_bytes; /* of a whole copy that it gets or loads meanwhile; 0: none, or untold */
    int64_t expired_keys, evicted_keys;
    int64_t changes, saved_at_s; /* writes since the RDB file of that time */
    int version;                 /* 700 of 7.0 */
    struct keyspace keyspace;
};

MUST_CHECK bool snapshot_take(struct redis_connection *connection, int64_t deadline_mono_ms,
                              struct snapshot *out, struct error *err);
/* Both at once. */
MUST_CHECK bool snapshot_take_both(const struct verify_options *options, struct snapshot *source,
                                   struct snapshot *target, struct error *err);
/* The source; where it is a replica that is read instead of its primary, once it is at that offset
 * of the target or past it: the target may be ahead of such a one. */
MUST_CHECK bool snapshot_take_source(const struct verify_options *options, int64_t offset,
                                     struct snapshot *out, struct error *err);
/* Until the target shows, in one reply, its link up, this replid and at least this offset. */
MUST_CHECK bool snapshot_when_caught_up(const struct verify_options *options, const char *replid,
                                        int64_t offset, struct snapshot *out, struct error *err);
struct snapshots {
    struct snapshot source, target;
};
void snapshots_clear(struct snapshots *snapshots);
AUTO_VALUE(struct snapshots, snapshots_clear)
/* The source, no earlier than the target was, and the target once it is at that offset or past it;
 * detached, both at once. */
MUST_CHECK bool snapshot_in_step(const struct verify_options *options, struct snapshots *out,
                                 struct error *err);
/* Of one server: nothing was written, expired or evicted between the two. */
bool snapshot_was_still(const struct snapshot *before, const struct snapshot *after);
struct keyspace_row keyspace_row(const struct snapshot *snapshot,
                                 int64_t database); /* zeros when empty */
void snapshot_clear(struct snapshot *snapshot);
AUTO_VALUE(struct snapshot, snapshot_clear)

/* What to do about a refusal, by its first word: not every one is of an ACL. */
bool refusal_hint(struct error *err, const char *fault, size_t length);
/* Asks whether to continue, between waits and batches. */
MUST_CHECK bool verify_go_on(const struct verify_options *options, int64_t done, int64_t total,
                             struct error *err);
