/* SipHash-2-4 with 128 bits (Aumasson, Bernstein): a keyed hash, so that nobody who writes into the
 * source can build values that cancel out in a sum of hashes. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct hash_key {
    uint64_t low, high;
};
struct hash {
    uint64_t low, high;
};

struct hash siphash(const struct hash_key *key, const void *bytes, size_t length);
/* SipHash-1-3: half the work, for what is hashed by the gigabyte under a key that nobody sees. */
struct hash siphash_quick(const struct hash_key *key, const void *bytes, size_t length);
