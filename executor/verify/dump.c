#include "executor/verify/dump.h"

#define TRAILER_BYTES 10 /* version of the format, checksum */

/* The types of the format that have no order. */
#define TYPE_SET 2
#define TYPE_HASH 4
#define TYPE_SORTED_SET 5 /* scores as eight bytes */

struct cursor {
    const uint8_t *at;
    size_t left;
};

static bool skip(struct cursor *cursor, uint64_t count) {
    if (count > cursor->left)
        return false;
    cursor->at += count;
    cursor->left -= (size_t)count;
    return true;
}

/* A length of one, two, five or nine bytes; *special is set for the forms that are not lengths. */
static bool take_length(struct cursor *cursor, uint64_t *length, bool *special) {
    if (cursor->left == 0)
        return false;
    uint8_t first = *cursor->at;
    size_t more = first >> 6 == 1 ? 1 : first == 0x80 ? 4 : first == 0x81 ? 8 : 0;
    *special = first >> 6 == 3;
    *length = first & 0x3f;
    if (first >> 6 == 2) {
        *length = 0;
        if (more == 0)
            return false;
    }
    if (!skip(cursor, 1) || more > cursor->left)
        return false;
    for (size_t i = 0; i < more; i++)
        *length = *length << 8 | cursor->at[i];
    return skip(cursor, more);
}

/* A string: its bytes, a number of one, two or four bytes, or compressed. */
static bool skip_string(struct cursor *cursor) {
    uint64_t length, whole;
    bool special;
    if (!take_length(cursor, &length, &special))
        return false;
    if (!special)
        return skip(cursor, length);
    if (length < 3)
        return skip(cursor, (uint64_t)1 << length);
    return length == 3 && take_length(cursor, &length, &special) && !special &&
           take_length(cursor, &whole, &special) && !special && skip(cursor, length);
}

static bool skip_element(struct cursor *cursor, uint8_t type) {
    if (!skip_string(cursor))
        return false;
    if (type == TYPE_HASH)
        return skip_string(cursor);
    return type == TYPE_SET || skip(cursor, sizeof(double));
}

bool dump_digest(const struct hash_key *key, const char *bytes, size_t length,
                 struct key_digest *out) {
    struct key_digest digest = { 0 };
    struct cursor cursor = { (const uint8_t *)bytes, length };
    uint64_t count;
    bool special;
    if (length <= TRAILER_BYTES)
        return false;
    cursor.left -= TRAILER_BYTES;
    uint8_t type = *cursor.at;
    if ((type != TYPE_SET && type != TYPE_HASH && type != TYPE_SORTED_SET) || !skip(&cursor, 1) ||
        !take_length(&cursor, &count, &special) || special)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        const uint8_t *from = cursor.at;
        if (!skip_element(&cursor, type))
            return false;
        key_digest_add_hash(&digest, siphash_quick(key, from, (size_t)(cursor.at - from)));
    }
    if (cursor.left > 0)
        return false;
    *out = digest;
    return true;
}
