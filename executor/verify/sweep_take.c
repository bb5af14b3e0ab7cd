#include <stdio.h>
#include <string.h>

#include "executor/verify/small_values.h"
#include "executor/verify/sweep.h"
#include "providers/redis/server.h"
#include "schemas/base/number.h"

#define RDB_STRING 0 /* as a DUMP begins */

static void prove(struct sweep *sweep) {
    compare_count(sweep->comparison->result, sweep->database, true);
    sweep->comparison->result->keys_equal_at_once++;
}

/* Whether values are mostly strings: then MGET is worth a try. */
static void learn(struct sweep *sweep, bool string) {
    sweep->strings += ((string ? SWEEP_ALL : 0) - sweep->strings) / 128;
}

static void doubt(struct sweep *sweep, const struct names *names, size_t index,
                  int64_t size_bytes) {
    queue_add(sweep->queue, sweep->database, names_bytes(names, index), names->items[index].length,
              size_bytes);
}

static void again(struct names *to, const struct names *names, size_t index, char type) {
    names_add(to, names_bytes(names, index), names->items[index].length,
              names->items[index].size_bytes, type);
}

static bool same_expiry(const struct sweep *sweep, const struct redis_token *one,
                        const struct redis_token *two) {
    if (one->type != REDIS_INTEGER || two->type != REDIS_INTEGER)
        return false;
    int64_t apart = number_difference(one->integer, two->integer);
    int64_t tolerance_ms = sweep->comparison->result->expiry_tolerance_ms;
    if (apart == 0 || tolerance_ms == 0 || one->integer < 0 || two->integer < 0)
        return apart == 0;
    return apart <= tolerance_ms && apart >= -tolerance_ms;
}

static bool same_bytes(const struct redis_token *one, const struct redis_token *two) {
    return one->type == REDIS_STRING && two->type == REDIS_STRING && one->length == two->length &&
           memcmp(one->bytes, two->bytes, one->length) == 0;
}

/* Of the larger value; SIZE_UNKNOWN where one of them does not tell. */
static int64_t take_size(struct sweep *sweep, const struct round *round) {
    struct redis_token there = redis_flow_take(sweep->target), here = there;
    if (round->sizes_of_source)
        here = redis_flow_take(sweep->source);
    if (here.type != REDIS_INTEGER || there.type != REDIS_INTEGER)
        return SIZE_UNKNOWN;
    int64_t size = here.integer > there.integer ? here.integer : there.integer;
    return size < 0 ? SIZE_UNKNOWN : size;
}

static void take_sizes(struct sweep *sweep, const struct round *round, const struct names *names,
                       bool exact, struct names *to) {
    for (size_t i = 0; i < names->count; i++) {
        int64_t size = take_size(sweep, round);
        if (size == SIZE_UNKNOWN || size > COMPARE_SMALL_BYTES)
            doubt(sweep, names, i, size);
        else
            names_add(to, names_bytes(names, i), names->items[i].length, (size_t)size,
                      exact ? WEIGHED : 0);
    }
}

/* False also where it cannot be told. */
static bool has_no_expiry(const struct redis_token *keyspace, int64_t database) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    if (keyspace->type != REDIS_STRING)
        return false;
    server_info_parse(keyspace->bytes, keyspace->length, &server);
    for (size_t i = 0; i < server.databases.count; i++)
        if (server.databases.items[i].index == database)
            return server.databases.items[i].expires == 0;
    return true;
}

/* Whether the expiry of the round's keys is known to be none, as they were not asked for it. */
static bool take_none_expires(struct sweep *sweep, const struct round *round) {
    if (round->expiry_asked || round->groups.count + round->dumps.count == 0)
        return true;
    struct redis_token here = redis_flow_take(sweep->source);
    struct redis_token there = redis_flow_take(sweep->target);
    bool none = has_no_expiry(&here, sweep->database) && has_no_expiry(&there, sweep->database);
    sweep->expires |= !none;
    return none;
}

/* What the two say of one expiry: -2 is a key that is gone. */
struct expiry {
    bool same, gone;
};

static struct expiry take_expiry(struct sweep *sweep, const struct round *round) {
    if (!round->expiry_asked)
        return (struct expiry){ .same = true };
    struct redis_token here = redis_flow_take(sweep->source);
    struct redis_token there = redis_flow_take(sweep->target);
    return (struct expiry){ same_expiry(sweep, &here, &there), here.integer == -2 };
}

enum group_member { MEMBER_EQUAL, MEMBER_NO_STRING, MEMBER_DOUBT };

static void take_group(struct sweep *sweep, const struct round *round, size_t from, bool none) {
    const struct names *names = &round->groups;
    size_t count = names->items[from].size_bytes;
    unsigned char members[UINT8_MAX];
    struct redis_token here = redis_flow_take(sweep->source);
    struct redis_token there = redis_flow_take(sweep->target);
    size_t here_count = here.type == REDIS_ARRAY ? (size_t)here.integer : 0;
    size_t there_count = there.type == REDIS_ARRAY ? (size_t)there.integer : 0;
    for (size_t i = 0; i < here_count || i < there_count; i++) {
        struct redis_token one = { 0 }, two = { 0 };
        one.type = two.type = REDIS_FAULT;
        if (i < here_count)
            one = redis_flow_take(sweep->source);
        if (i < there_count)
            two = redis_flow_take(sweep->target);
        if (i < count)
            members[i] = same_bytes(&one, &two)                           ? MEMBER_EQUAL
                         : one.type == REDIS_NIL && two.type == REDIS_NIL ? MEMBER_NO_STRING
                                                                          : MEMBER_DOUBT;
    }
    bool whole = here_count == count && there_count == count;
    for (size_t i = 0; i < count; i++) {
        struct expiry expiry = take_expiry(sweep, round);
        unsigned char member = whole ? members[i] : MEMBER_DOUBT;
        if (member == MEMBER_EQUAL)
            learn(sweep, true);
        if (member == MEMBER_DOUBT || (member == MEMBER_EQUAL && !expiry.same))
            doubt(sweep, names, from + i, SIZE_UNKNOWN);
        else if (member == MEMBER_EQUAL && !none)
            again(&sweep->values, names, from + i, names->items[from + i].type);
        else if (member == MEMBER_EQUAL)
            prove(sweep);
        else if (!expiry.gone)
            again(names->items[from + i].type == WEIGHED ? &sweep->dumps : &sweep->weighs, names,
                  from + i, WEIGHED);
    }
}

static void take_dumps(struct sweep *sweep, const struct round *round, bool none) {
    for (size_t i = 0; i < round->dumps.count; i++) {
        struct redis_token here = redis_flow_take(sweep->source);
        struct redis_token there = redis_flow_take(sweep->target);
        char type = 0;
        if (here.type == REDIS_STRING && here.length > 0)
            learn(sweep, here.bytes[0] == RDB_STRING);
        enum value_outcome outcome =
            dump_compare(&sweep->comparison->rules.hash_key, &here, &there, &type);
        struct expiry expiry = take_expiry(sweep, round);
        if (outcome == VALUE_GONE && (expiry.gone || !round->expiry_asked))
            continue;
        if (!expiry.same || outcome == VALUE_GONE || (outcome == VALUE_DOUBT && !type))
            doubt(sweep, &round->dumps, i, SIZE_UNKNOWN);
        else if (!none)
            again(&sweep->dumps, &round->dumps, i, WEIGHED);
        else if (outcome == VALUE_DOUBT)
            again(&sweep->wholes, &round->dumps, i, type);
        else
            prove(sweep);
    }
}

static void take_wholes(struct sweep *sweep, const struct round *round) {
    for (size_t i = 0; i < round->wholes.count; i++) {
        struct word here = { 0 }, there = { 0 };
        here.bytes = redis_flow_take_whole(sweep->source, &here.length);
        there.bytes = redis_flow_take_whole(sweep->target, &there.length);
        switch (small_values_compare(&sweep->comparison->rules.hash_key,
                                     round->wholes.items[i].type, &here, &there)) {
        case VALUE_EQUAL:
            prove(sweep);
            break;
        case VALUE_GONE:
            break;
        case VALUE_DOUBT:
            doubt(sweep, &round->wholes, i, SIZE_UNKNOWN);
        }
    }
}

bool sweep_take(struct sweep *sweep, struct round *round, struct error *err) {
    if (round->scanned && !scan_take(&sweep->scan, sweep->source, &sweep->names, err))
        return false;
    take_sizes(sweep, round, &round->sizes, round->sizes_are_exact, &sweep->values);
    take_sizes(sweep, round, &round->weighs, true, &sweep->dumps);
    bool none = take_none_expires(sweep, round);
    for (size_t i = 0; i < round->groups.count; i += round->groups.items[i].size_bytes)
        take_group(sweep, round, i, none);
    take_dumps(sweep, round, none);
    take_wholes(sweep, round);
    return true;
}
