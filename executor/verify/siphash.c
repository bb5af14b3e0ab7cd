#include "executor/verify/siphash.h"

#include <endian.h>
#include <string.h>

struct state {
    uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t value, int bits) {
    return value << bits | value >> (64 - bits);
}

static inline void rounds(struct state *s, int count) {
    while (count-- > 0) {
        s->a += s->b;
        s->b = rotate(s->b, 13) ^ s->a;
        s->a = rotate(s->a, 32);
        s->c += s->d;
        s->d = rotate(s->d, 16) ^ s->c;
        s->a += s->d;
        s->d = rotate(s->d, 21) ^ s->a;
        s->c += s->b;
        s->b = rotate(s->b, 17) ^ s->c;
        s->c = rotate(s->c, 32);
    }
}

static inline void absorb(struct state *s, uint64_t word, int count) {
    s->d ^= word;
    rounds(s, count);
    s->a ^= word;
}

static uint64_t whole_word_at(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return le64toh(word);
}

static uint64_t word_at(const uint8_t *bytes, size_t length) {
    uint64_t word = 0;
    for (size_t i = 0; i < length; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

/* c rounds for each word, d at the end of each half: inline, so that both are known. */
static inline __attribute__((always_inline)) struct hash
hash_with(const struct hash_key *key, const void *bytes, size_t length, int c, int d) {
    struct state s = { key->low ^ 0x736f6d6570736575, key->high ^ 0x646f72616e646f6d ^ 0xee,
                       key->low ^ 0x6c7967656e657261, key->high ^ 0x7465646279746573 };
    const uint8_t *at = bytes;
    size_t left = length;
    for (; left >= 8; at += 8, left -= 8)
        absorb(&s, whole_word_at(at), c);
    absorb(&s, (uint64_t)length << 56 | word_at(at, left), c);
    s.c ^= 0xee;
    rounds(&s, d);
    struct hash hash = { .low = s.a ^ s.b ^ s.c ^ s.d };
    s.b ^= 0xdd;
    rounds(&s, d);
    hash.high = s.a ^ s.b ^ s.c ^ s.d;
    return hash;
}

struct hash siphash(const struct hash_key *key, const void *bytes, size_t length) {
    return hash_with(key, bytes, length, 2, 4);
}

struct hash siphash_quick(const struct hash_key *key, const void *bytes, size_t length) {
    return hash_with(key, bytes, length, 1, 3);
}
