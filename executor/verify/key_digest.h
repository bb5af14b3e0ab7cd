/* The digest of a value, independent of the order of its elements: the sum (mod 2^128) of a keyed
 * hash of each element, and their count. Pure. What has an order carries its place in the element.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "executor/verify/siphash.h"
#include "schemas/base/language.h"

struct key_digest {
    struct hash sum;
    uint64_t count;
};

/* An element: what it is (one letter, so that a field can never pass for a member), then parts. */
struct element {
    const struct hash_key *key;
    struct hash hash;
};
struct element element_begin(const struct hash_key *key, char letter);
void element_bytes(struct element *element, const void *bytes, size_t length);
void element_number(struct element *element, int64_t number);
void element_score(struct element *element, double score); /* its bits; -0 is 0 */

/* As servers write it: 17 digits or the shortest that come back to it, which is the same double,
 * while the text may differ between versions. */
double score_read(const char *text, size_t length);

void key_digest_add(struct key_digest *digest, const struct element *element);
void key_digest_add_hash(struct key_digest *digest, struct hash hash);
bool key_digest_equal(const struct key_digest *one, const struct key_digest *two);
