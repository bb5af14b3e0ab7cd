#include "executor/verify/small.h"

#include <string.h>

#include "executor/verify/scan.h"

#define DUMP_TRAILER_BYTES 10 /* RDB version and checksum */

/* DUMP compresses and sums; where the type is known its own command costs the server less. */
void small_ask(struct redis_flow *flow, char type, const char *key, size_t length) {
    if (type == 's') {
        flow_ask(flow, "SMEMBERS", key, length);
    } else if (type == 'h') {
        flow_ask(flow, "HGETALL", key, length);
    } else if (type == 'l') {
        redis_flow_begin(flow, 4);
        FLOW_WORD(flow, "LRANGE");
        redis_flow_word(flow, key, length);
        FLOW_WORD(flow, "0");
        FLOW_WORD(flow, "-1");
    } else {
        flow_ask(flow, "DUMP", key, length);
    }
}

static bool next(const struct word *reply, size_t *at, struct redis_token *token) {
    size_t used = 0;
    if (redis_token_read(reply->bytes + *at, reply->length - *at, token, &used) != TOKEN_WHOLE)
        return false;
    *at += used;
    return true;
}

static bool digest(const struct hash_key *key, char type, const struct word *reply,
                   struct key_digest *out) {
    struct redis_token list, part;
    size_t at = 0, parts = type == 'h' ? 2 : 1;
    if (!next(reply, &at, &list) || list.type != REDIS_ARRAY)
        return false;
    for (int64_t i = 0; i < list.integer; i += (int64_t)parts) {
        struct element element = element_begin(key, type);
        for (size_t j = 0; j < parts; j++) {
            if (!next(reply, &at, &part) || part.type != REDIS_STRING)
                return false;
            element_bytes(&element, part.bytes, part.length);
        }
        key_digest_add(out, &element);
    }
    return true;
}

static enum small_outcome compare_dumps(const struct redis_token *one,
                                        const struct redis_token *two) {
    if (one->type == REDIS_NIL && two->type == REDIS_NIL)
        return SMALL_GONE;
    bool equal = one->type == REDIS_STRING && two->type == REDIS_STRING &&
                 one->length == two->length && one->length > DUMP_TRAILER_BYTES &&
                 memcmp(one->bytes, two->bytes, one->length - DUMP_TRAILER_BYTES) == 0;
    return equal ? SMALL_EQUAL : SMALL_DOUBT;
}

enum small_outcome small_compare(const struct hash_key *key, char type, const struct word *here,
                                 const struct word *there) {
    struct redis_token one, two;
    size_t at_one = 0, at_two = 0;
    if (!next(here, &at_one, &one) || !next(there, &at_two, &two))
        return SMALL_DOUBT;
    if (type == 0)
        return compare_dumps(&one, &two);
    if (one.type != REDIS_ARRAY || two.type != REDIS_ARRAY || one.integer != two.integer)
        return SMALL_DOUBT;
    if (one.integer == 0)
        return SMALL_GONE;
    if (here->length != there->length)
        return SMALL_DOUBT;
    if (memcmp(here->bytes, there->bytes, here->length) == 0)
        return SMALL_EQUAL;
    struct key_digest left = { 0 }, right = { 0 };
    bool equal = type != 'l' && digest(key, type, here, &left) &&
                 digest(key, type, there, &right) && key_digest_equal(&left, &right);
    return equal ? SMALL_EQUAL : SMALL_DOUBT;
}
