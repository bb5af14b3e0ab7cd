/* The comparison over several shards: a pair of connections each, several of them at once and
 * nothing shared between them, one result over all. */
#pragma once

#include "executor/verify/verify.h"
#include "schemas/base/slots.h"

struct verify_pair {
    const char *name;   /* "0-5460", or "" without cluster mode */
    struct slots slots; /* none without cluster mode */
    struct redis_connection *source, *target;
    /* Where a replica is read as `source`: its primary, which settles what differs; else NULL. */
    struct redis_connection *primary;
    char *not_replica; /* why none is read although that was asked for; else NULL */
    bool writable;     /* the replica that is read accepts writes of its own */
};
struct verify_pairs {
    struct verify_pair *items;
    size_t count;
};
void verify_pairs_clear(struct verify_pairs *pairs);
AUTO_VALUE(struct verify_pairs, verify_pairs_clear)

/* As verify_run and verify_keys; the connections of `options` do not count. */
MUST_CHECK bool verify_run_pairs(const struct verify_options *options,
                                 const struct verify_pairs *pairs, struct verify_result *result,
                                 struct error *err);
MUST_CHECK bool verify_keys_pairs(const struct verify_options *options,
                                  const struct verify_pairs *pairs, const struct verify_keys *keys,
                                  struct verify_result *result, struct error *err);

/* Adds the result of one pair, and takes its names. Pure. */
void verify_pairs_add(struct verify_result *total, const struct verify_pair *pair,
                      struct verify_result *part);
