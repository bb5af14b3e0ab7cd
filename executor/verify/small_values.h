/* Values small enough to be read whole, by one command, and compared as they came. */
#pragma once

#include "executor/verify/key_read.h"
#include "providers/redis/flow.h"

enum value_outcome { VALUE_EQUAL, VALUE_GONE, VALUE_DOUBT };

/* Pure: two answers to DUMP, without the version of the format and the checksum at their end. When
 * they differ, *type is how to ask for the elements, or 0. */
enum value_outcome dump_compare(const struct hash_key *key, const struct redis_token *one,
                                const struct redis_token *two, char *type);

/* type: s(et), h(ash), l(ist), z (sorted set). */
void small_values_ask(struct redis_flow *flow, char type, const char *key, size_t length);

/* Pure: two whole replies. Elements may come in any order but in lists. */
enum value_outcome small_values_compare(const struct hash_key *key, char type,
                                        const struct word *here, const struct word *there);
