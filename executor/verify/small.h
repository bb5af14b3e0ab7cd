/* Values small enough to be read whole, by one command, and compared as they came. */
#pragma once

#include "executor/verify/key_read.h"
#include "providers/redis/flow.h"

/* type: s(et), h(ash), l(ist); else 0, and DUMP is asked. */
void small_ask(struct redis_flow *flow, char type, const char *key, size_t length);

enum small_outcome { SMALL_EQUAL, SMALL_GONE, SMALL_DOUBT };
/* Pure: two whole replies. Elements of sets and hashes may come in any order. */
enum small_outcome small_compare(const struct hash_key *key, char type, const struct word *here,
                                 const struct word *there);
