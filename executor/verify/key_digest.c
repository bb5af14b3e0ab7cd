#include "executor/verify/key_digest.h"

#include <string.h>

struct element element_begin(const struct hash_key *key, char letter) {
    return (struct element){ key, siphash(key, &letter, 1) };
}

/* Hash of (hash so far, hash of the part): both of fixed size, so that no two lists of parts run
 * together to the same bytes. */
void element_bytes(struct element *element, const void *bytes, size_t length) {
    struct hash pair[2] = { element->hash, siphash(element->key, bytes, length) };
    element->hash = siphash(element->key, pair, sizeof pair);
}

void element_number(struct element *element, int64_t number) {
    element_bytes(element, &number, sizeof number);
}

void element_score(struct element *element, double score) {
    element_bytes(element, &score, sizeof score);
}

void key_digest_add(struct key_digest *digest, const struct element *element) {
    digest->sum.low += element->hash.low;
    digest->sum.high += element->hash.high + (digest->sum.low < element->hash.low);
    digest->count++;
}

bool key_digest_equal(const struct key_digest *one, const struct key_digest *two) {
    return one->sum.low == two->sum.low && one->sum.high == two->sum.high &&
           one->count == two->count;
}
