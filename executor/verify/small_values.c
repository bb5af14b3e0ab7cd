#include "executor/verify/small_values.h"

#include <string.h>

#include "executor/verify/dump.h"
#include "executor/verify/scan.h"

#define DUMP_TRAILER_BYTES 10 /* RDB version and checksum */

/* The types of the RDB format, by how their elements are asked for: what is equal may be encoded in
 * another way, or in another order. Strings and streams have no other way to be read at once. */
static char type_of(char type) {
    static const struct {
        const char *types;
        char letter;
    } known[] = { { "\x02\x0b\x14", 's' },
                  { "\x04\x09\x0d\x10", 'h' },
                  { "\x01\x0a\x0e\x12", 'l' },
                  { "\x03\x05\x0c\x11", 'z' } };
    for (size_t i = 0; type && i < COUNT(known); i++)
        if (strchr(known[i].types, type))
            return known[i].letter;
    return 0;
}

static bool same_elements(const struct hash_key *key, const struct redis_token *one,
                          const struct redis_token *two) {
    struct key_digest left, right;
    return one->length == two->length && one->bytes[0] == two->bytes[0] &&
           dump_digest(key, one->bytes, one->length, &left) &&
           dump_digest(key, two->bytes, two->length, &right) && key_digest_equal(&left, &right);
}

enum value_outcome dump_compare(const struct hash_key *key, const struct redis_token *one,
                                const struct redis_token *two, char *type) {
    *type = 0;
    if (one->type == REDIS_NIL && two->type == REDIS_NIL)
        return VALUE_GONE;
    if (one->type != REDIS_STRING || two->type != REDIS_STRING ||
        one->length <= DUMP_TRAILER_BYTES || two->length <= DUMP_TRAILER_BYTES)
        return VALUE_DOUBT;
    if (one->length == two->length &&
        memcmp(one->bytes, two->bytes, one->length - DUMP_TRAILER_BYTES) == 0)
        return VALUE_EQUAL;
    if (same_elements(key, one, two))
        return VALUE_EQUAL;
    if (type_of(one->bytes[0]) == type_of(two->bytes[0]))
        *type = type_of(one->bytes[0]);
    return VALUE_DOUBT;
}

static void ask_range(struct redis_flow *flow, const char *command, const char *key, size_t length,
                      bool scores) {
    redis_flow_begin(flow, scores ? 5 : 4);
    redis_flow_word(flow, command, strlen(command));
    redis_flow_word(flow, key, length);
    FLOW_WORD(flow, "0");
    FLOW_WORD(flow, "-1");
    if (scores)
        FLOW_WORD(flow, "WITHSCORES");
}

void small_values_ask(struct redis_flow *flow, char type, const char *key, size_t length) {
    if (type == 's')
        flow_ask(flow, "SMEMBERS", key, length);
    else if (type == 'h')
        flow_ask(flow, "HGETALL", key, length);
    else
        ask_range(flow, type == 'z' ? "ZRANGE" : "LRANGE", key, length, type == 'z');
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
    size_t at = 0, parts = type == 'h' || type == 'z' ? 2 : 1;
    if (!next(reply, &at, &list) || list.type != REDIS_ARRAY)
        return false;
    for (int64_t i = 0; i < list.integer; i += (int64_t)parts) {
        struct element element = element_begin(key, type);
        for (size_t j = 0; j < parts; j++) {
            if (!next(reply, &at, &part) || part.type != REDIS_STRING)
                return false;
            if (type == 'z' && j == 1)
                element_score(&element, score_read(part.bytes, part.length));
            else
                element_bytes(&element, part.bytes, part.length);
        }
        key_digest_add(out, &element);
    }
    return true;
}

enum value_outcome small_values_compare(const struct hash_key *key, char type,
                                        const struct word *here, const struct word *there) {
    struct redis_token one, two;
    size_t at_one = 0, at_two = 0;
    if (!next(here, &at_one, &one) || !next(there, &at_two, &two))
        return VALUE_DOUBT;
    if (one.type != REDIS_ARRAY || two.type != REDIS_ARRAY || one.integer != two.integer)
        return VALUE_DOUBT;
    if (one.integer == 0)
        return VALUE_GONE;
    if (here->length == there->length && memcmp(here->bytes, there->bytes, here->length) == 0)
        return VALUE_EQUAL;
    if (here->length != there->length && type != 'z')
        return VALUE_DOUBT;
    struct key_digest left = { 0 }, right = { 0 };
    bool equal = type != 'l' && digest(key, type, here, &left) &&
                 digest(key, type, there, &right) && key_digest_equal(&left, &right);
    return equal ? VALUE_EQUAL : VALUE_DOUBT;
}
