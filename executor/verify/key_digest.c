#include "executor/verify/key_digest.h"

#include <stdlib.h>
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
    /* Not -0, whose sign is lost where a sorted set is kept as a listpack. */
    if (score == 0)
        score = 0;
    element_bytes(element, &score, sizeof score);
}

double score_read(const char *text, size_t length) {
    char copy[352]; /* %f of the largest double, as HINCRBYFLOAT and the like write it */
    if (length >= sizeof copy)
        length = sizeof copy - 1;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return strtod(copy, NULL);
}

void key_digest_add_hash(struct key_digest *digest, struct hash hash) {
    digest->sum.low += hash.low;
    digest->sum.high += hash.high + (digest->sum.low < hash.low);
    digest->count++;
}

void key_digest_add(struct key_digest *digest, const struct element *element) {
    key_digest_add_hash(digest, element->hash);
}

bool key_digest_equal(const struct key_digest *one, const struct key_digest *two) {
    return one->sum.low == two->sum.low && one->sum.high == two->sum.high &&
           one->count == two->count;
}
