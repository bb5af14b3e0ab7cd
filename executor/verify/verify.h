/* Is the target equal to the source? Reads only. Two shapes of the question: while the target
 * replicates (offsets tell what it must have seen), and detached, once it is a primary of its own.
 *
 * Both connections are used alone for the time of the call and are left in database 0. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/redis/redis.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/config/config.h"
#include "schemas/json/shape.h"

struct verify_options {
    struct redis_connection *source, *target;
    enum config_verify_mode mode; /* not VERIFY_NONE */
    int64_t keys;         /* sample: how many of a shard, spread over its databases by size */
    bool detached;        /* after the cutover: no lineage, nobody writes */
    int max_source_share; /* full: percent of the source's time; 0 and 100: no limit */
    /* full: a file of this machine (of several shards: what their files begin with) in which the
     * checkpoint is saved, so that the next call resumes there. NULL: none. */
    const char *checkpoint_path;
    int64_t deadline_mono_ms;
    /* Called at least between round trips, total 0 while only waiting or reading on: then the
     * counts say nothing. False stops with ERROR_INTERRUPTED. May be NULL. */
    bool (*progress)(void *context, int64_t done, int64_t total);
    void *context;
};

enum verify_verdict { VERDICT_EQUAL, VERDICT_MISMATCH, VERDICT_OPEN };
extern const char *const verify_verdict_names[]; /* equal, mismatch, open */

/* Keys by name, bytes and all. Never recorded: what is recorded carries their hashes. */
struct verify_key {
    int64_t database;
    char *bytes;
    size_t length;
};
struct verify_keys {
    struct verify_key *items;
    size_t count;
};
void verify_keys_add(struct verify_keys *keys, int64_t database, const char *bytes, size_t length);
void verify_keys_clear(struct verify_keys *keys);
AUTO_VALUE(struct verify_keys, verify_keys_clear)

struct verify_database {
    int64_t database;
    int64_t source_keys, target_keys, source_expires, target_expires;
    int64_t explained; /* of the difference, by expiry and eviction */
    int64_t keys_compared, keys_equal;
    enum verify_verdict verdict;
};
struct verify_databases {
    struct verify_database *items;
    size_t count;
};

/* What one side holds. The digest is keyed by a number that is drawn for each comparison: it tells
 * the two sides apart and nothing else, least of all the value. */
struct verify_side {
    char *type;           /* as TYPE says it */
    char *digest;         /* 32 hexadecimal digits */
    int64_t expire_at_ms; /* -1: never; SHAPE_UNSET without a key */
};
/* kind: missing, extra, type, value, expiry, or functions (then without a key) */
struct verify_mismatch {
    char *kind;
    char *shard; /* its slots; NULL without cluster mode */
    int64_t database;
    char *key_sha256;
    struct verify_side source, target;
};
struct verify_mismatches {
    struct verify_mismatch *items; /* at most VERIFY_MISMATCH_CEILING_COUNT; all are counted */
    size_t count;
};
#define VERIFY_MISMATCH_CEILING_COUNT 1000

#define VERIFY_HOT_CEILING_COUNT 100000 /* names kept; all are counted */

struct verify_kinds {
    int64_t missing, extra, type, value, expiry, functions;
};
int64_t verify_kinds_sum(const struct verify_kinds *kinds);

/* One shard's part in the sums of the result. */
struct verify_shard {
    char *slots; /* NULL without cluster mode */
    char *source, *target;
    char *settled_by;  /* `source` is a replica, this is its primary; else NULL */
    char *not_replica; /* why no replica was read although that was asked for; else NULL */
    bool replica_writable;
    int64_t
        replica_differs; /* what only the replica has otherwise: the primary and the target agree */
    enum verify_verdict verdict;
    char *replid; /* whose history the offsets are of; NULL when detached */
    int64_t source_offset, target_offset;
    int64_t keys_compared, keys_equal, keys_hot, keys_expiring, keys_unverifiable;
    struct verify_kinds kinds;
    struct verify_databases databases;
    int64_t took_ms;
};
struct verify_shards {
    struct verify_shard *items;
    size_t count;
};

struct verify_result {
    enum config_verify_mode mode;
    bool detached;
    enum verify_verdict verdict;
    struct verify_databases databases;
    int64_t keys_compared; /* all of: equal, hot, expiring, unverifiable, the mismatched */
    int64_t keys_equal;
    int64_t keys_equal_at_once; /* full: of these, equal when both sides were first read */
    int64_t keys_hot;           /* changed at every look: verify_keys() while writers are held */
    int64_t keys_expiring;      /* ended while we looked */
    int64_t keys_unverifiable;  /* of a type that cannot be read */
    bool functions_unread;      /* a server does not list them to us: they were not compared */
    struct verify_kinds kinds;  /* mismatches by kind */
    struct verify_mismatches mismatches;
    char *bound; /* sample without a mismatch: what it says about the keys not looked at */
    int64_t expiry_tolerance_ms;          /* 0: expiry times had to be equal */
    int64_t evicted_keys;                 /* by the target since it started */
    char *replid;                         /* of several shards: see there */
    int64_t source_offset, target_offset; /* at the count; -1 when detached, or of several shards */
    struct verify_shards shards;
    int64_t took_ms;
    bool resumed;          /* part of it was compared by an earlier call */
    int64_t backed_off_ms; /* of it, because the source was strained */
    int64_t
        replica_differs; /* of replicas that were read: where the primary and the target agree */

    bool left_out; /* sample: there are keys that were not picked; not in the shape */
    struct verify_keys hot, mismatched; /* by name; not in the shape; mismatched goes with the
                                           mismatches that have a key, in their order */
};
extern const struct shape verify_result_shape;

/* True with any verdict; false when it could not be found out: ERROR_UNREACHABLE,
 * ERROR_DEADLINE, ERROR_REFUSED, ERROR_CONFLICT (the target does not replicate from the source),
 * ERROR_INTERRUPTED. */
MUST_CHECK bool verify_run(const struct verify_options *options, struct verify_result *result,
                           struct error *err);
/* Compares exactly these keys, with the options' mode ignored and no count: what was hot, while
 * writers are held. */
MUST_CHECK bool verify_keys(const struct verify_options *options, const struct verify_keys *keys,
                            struct verify_result *result, struct error *err);
/* Forgets the names, never the counts, beyond so many of the hot ones and of the mismatches. */
void verify_result_keep(struct verify_result *result, size_t hot_count, size_t mismatch_count);
/* The verdict, from what was counted. */
void verify_result_conclude(struct verify_result *result);
void verify_result_clear(struct verify_result *result);
AUTO_VALUE(struct verify_result, verify_result_clear)
/* What the sample says about the keys not looked at; NULL when it has to say something else. */
char *verify_bound(const struct verify_result *result);
/* One line for people, as "compared 10,000 keys: equal; at most 0.03 % differ (95 % sure)"; the
 * caller frees. */
char *verify_result_line(const struct verify_result *result);
/* "compared 63 % 6,300/10,000 keys, 52,000 keys/s, eta 1s"; the caller frees. */
char *verify_progress_line(int64_t took_ms, int64_t done, int64_t total);
