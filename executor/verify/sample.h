/* Which keys a sample compares. */
#pragma once

#include "executor/verify/snapshot.h"

struct sampling {
    const struct verify_options *options;
    struct redis_connection *connection; /* has selected the database */
    int64_t database, held, wanted;      /* keys that are there, and that are asked for */
};
/* Adds up to `wanted` different keys of the database: random ones, or all of them when it holds no
 * more than that. *all tells which. */
MUST_CHECK bool sample_keys(const struct sampling *sampling, struct verify_keys *keys, bool *all,
                            struct error *err);
/* A key that old ElastiCache versions wrote themselves. */
bool verify_ignores(const char *name, size_t length);
/* Sorts by database and name and drops the second of equal ones. */
void verify_keys_unique(struct verify_keys *keys);
/* The share of `wanted` that falls to one database, rounded up. */
int64_t sample_share(const struct snapshot *snapshot, int64_t database, int64_t wanted);
