/* What DUMP gives, without decoding the elements: enough to see that two values hold the same ones
 * in another order. */
#pragma once

#include "executor/verify/key_digest.h"

/* Pure. The sum over the elements as they are encoded, of sets, hashes and sorted sets that are
 * hash tables inside; equal sums of one type prove equal values, other sums prove nothing, because
 * an element can be encoded in several ways. False for any other type, and for what is no such
 * payload. */
MUST_CHECK bool dump_digest(const struct hash_key *key, const char *bytes, size_t length,
                            struct key_digest *out);
