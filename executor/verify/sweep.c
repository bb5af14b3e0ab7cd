/* Several steps go on at once, each a round behind the one before: names are scanned, their types
 * asked, strings read whole, the size of other values asked, small ones read. A round takes some
 * of each; the next one is on the wire while one is compared. */
#include "executor/verify/sweep.h"

#include <string.h>

#include "executor/verify/scan.h"
#include "executor/verify/small.h"

#define TAKE_COUNT ((size_t)500)
#define LOW_COUNT ((size_t)1000)             /* names left, below which more are scanned */
#define STRING_BYTES ((size_t)4096)          /* of a string that is read at once */
#define STRING_LAST_BYTE "4095"              /* the same, as GETRANGE counts */
#define SMALL_BYTES ((int64_t)64 << 10)      /* of a value that is dumped */
#define DUMP_ROUND_BYTES ((size_t)512 << 10) /* of all that are dumped at once */
/* A small set is a hash table before 7.2, in another order on each side: its dump proves nothing.
 */
#define ORDER_DIFFERS 1
#define ROUND_COUNT 2

struct round {
    bool scanned;
    struct names types, strings, sizes, dumps;
    size_t wanted[2];
    int64_t sent_us;
};

struct sweep {
    struct comparison *comparison;
    struct queue *queue;
    int64_t database;
    struct redis_flow *source, *target;
    struct scan scan;
    struct names types, strings, sizes, dumps; /* to be asked */
    struct round rounds[ROUND_COUNT];
    size_t oldest, flying_count, depth;
};

static void sweep_clear(struct sweep *sweep) {
    redis_flow_close(sweep->source);
    redis_flow_close(sweep->target);
    struct names *lists[] = { &sweep->types, &sweep->strings, &sweep->sizes, &sweep->dumps };
    for (size_t i = 0; i < COUNT(lists); i++)
        names_clear(lists[i]);
    for (size_t i = 0; i < ROUND_COUNT; i++) {
        names_clear(&sweep->rounds[i].types);
        names_clear(&sweep->rounds[i].strings);
        names_clear(&sweep->rounds[i].sizes);
        names_clear(&sweep->rounds[i].dumps);
    }
}
AUTO_VALUE(struct sweep, sweep_clear)

static void move_some(struct names *from, struct names *to, size_t bytes) {
    names_reset(to);
    for (size_t i = 0, sum = 0; i < TAKE_COUNT && names_left(from) > 0 && sum < bytes; i++) {
        sum += from->items[from->taken].size_bytes;
        names_move(from, to);
    }
}

static void ask_expiry(const struct sweep *sweep, struct redis_flow *flow, const char *key,
                       size_t length) {
    flow_ask(flow, sweep->comparison->rules.expiry_is_absolute ? "PEXPIRETIME" : "PTTL", key,
             length);
}

static void ask(const struct sweep *sweep, const struct round *round, struct redis_flow *flow) {
    for (size_t i = 0; i < round->strings.count; i++) {
        const char *key = names_bytes(&round->strings, i);
        size_t length = round->strings.items[i].length;
        redis_flow_begin(flow, 4);
        FLOW_WORD(flow, "GETRANGE");
        redis_flow_word(flow, key, length);
        FLOW_WORD(flow, "0");
        FLOW_WORD(flow, STRING_LAST_BYTE);
        ask_expiry(sweep, flow, key, length);
    }
    for (size_t i = 0; i < round->sizes.count; i++) {
        const char *key = names_bytes(&round->sizes, i);
        size_t length = round->sizes.items[i].length;
        redis_flow_begin(flow, 5);
        FLOW_WORD(flow, "MEMORY");
        FLOW_WORD(flow, "USAGE");
        redis_flow_word(flow, key, length);
        FLOW_WORD(flow, "SAMPLES");
        FLOW_WORD(flow, "1");
        ask_expiry(sweep, flow, key, length);
    }
    for (size_t i = 0; i < round->dumps.count; i++)
        small_ask(flow, round->dumps.items[i].type, names_bytes(&round->dumps, i),
                  round->dumps.items[i].length);
}

/* False when there is nothing to ask. */
static bool send_round(struct sweep *sweep) {
    struct round *round = &sweep->rounds[(sweep->oldest + sweep->flying_count) % ROUND_COUNT];
    size_t before[] = { redis_flow_asked(sweep->source), redis_flow_asked(sweep->target) };
    bool room = names_left(&sweep->dumps) < LOW_COUNT;
    round->scanned =
        room && !sweep->scan.asked && !sweep->scan.ended && names_left(&sweep->types) < LOW_COUNT;
    if (round->scanned)
        scan_ask(&sweep->scan, sweep->source);
    move_some(&sweep->types, &round->types, room ? SIZE_MAX : 0);
    move_some(&sweep->strings, &round->strings, SIZE_MAX);
    move_some(&sweep->sizes, &round->sizes, SIZE_MAX);
    move_some(&sweep->dumps, &round->dumps, DUMP_ROUND_BYTES);
    for (size_t i = 0; i < round->types.count; i++)
        flow_ask(sweep->source, "TYPE", names_bytes(&round->types, i),
                 round->types.items[i].length);
    ask(sweep, round, sweep->source);
    ask(sweep, round, sweep->target);
    round->wanted[0] = redis_flow_asked(sweep->source) - before[0];
    round->wanted[1] = redis_flow_asked(sweep->target) - before[1];
    if (round->wanted[0] == 0)
        return false;
    round->sent_us = share_now_us();
    redis_flow_push(sweep->source);
    redis_flow_push(sweep->target);
    sweep->flying_count++;
    return true;
}

static void prove(struct sweep *sweep) {
    struct verify_result *result = sweep->comparison->result;
    compare_count(result, sweep->database, true);
    result->keys_equal_at_once++;
}

static void doubt(struct sweep *sweep, const struct names *names, size_t index, bool big) {
    queue_add(sweep->queue, sweep->database, names_bytes(names, index), names->items[index].length,
              big);
}

static bool same_expiry(const struct sweep *sweep, const struct redis_token *one,
                        const struct redis_token *two) {
    if (one->type != REDIS_INTEGER || two->type != REDIS_INTEGER)
        return false;
    int64_t apart = one->integer - two->integer;
    int64_t tolerance_ms = sweep->comparison->result->expiry_tolerance_ms;
    if (apart == 0 || tolerance_ms == 0 || one->integer < 0 || two->integer < 0)
        return apart == 0;
    return apart <= tolerance_ms && apart >= -tolerance_ms;
}

static bool same_bytes(const struct redis_token *one, const struct redis_token *two) {
    return one->type == REDIS_STRING && two->type == REDIS_STRING && one->length == two->length &&
           memcmp(one->bytes, two->bytes, one->length) == 0;
}

/* An absent key reads as an empty string; its expiry tells (-2). */
static void take_strings(struct sweep *sweep, const struct round *round) {
    for (size_t i = 0; i < round->strings.count; i++) {
        struct redis_token here = redis_flow_take(sweep->source);
        struct redis_token here_expiry = redis_flow_take(sweep->source);
        struct redis_token there = redis_flow_take(sweep->target);
        struct redis_token there_expiry = redis_flow_take(sweep->target);
        if (!same_bytes(&here, &there) || !same_expiry(sweep, &here_expiry, &there_expiry))
            doubt(sweep, &round->strings, i, here.length == STRING_BYTES);
        else if (here.length == STRING_BYTES)
            names_add(&sweep->sizes, names_bytes(&round->strings, i),
                      round->strings.items[i].length, 0, 0);
        else if (here_expiry.integer != -2)
            prove(sweep);
    }
}

static void take_sizes(struct sweep *sweep, const struct round *round) {
    for (size_t i = 0; i < round->sizes.count; i++) {
        struct redis_token here = redis_flow_take(sweep->source);
        struct redis_token here_expiry = redis_flow_take(sweep->source);
        struct redis_token there = redis_flow_take(sweep->target);
        struct redis_token there_expiry = redis_flow_take(sweep->target);
        if (here.type == REDIS_NIL && there.type == REDIS_NIL)
            continue;
        bool known = here.type == REDIS_INTEGER && there.type == REDIS_INTEGER;
        int64_t size = here.integer > there.integer ? here.integer : there.integer;
        if (!known || size > SMALL_BYTES || !same_expiry(sweep, &here_expiry, &there_expiry))
            doubt(sweep, &round->sizes, i, known && size > SMALL_BYTES);
        else
            names_add(&sweep->dumps, names_bytes(&round->sizes, i), round->sizes.items[i].length,
                      (size_t)size, round->sizes.items[i].type);
    }
}

static void take_dumps(struct sweep *sweep, const struct round *round) {
    for (size_t i = 0; i < round->dumps.count; i++) {
        struct word here = { 0 }, there = { 0 };
        here.bytes = redis_flow_take_whole(sweep->source, &here.length);
        there.bytes = redis_flow_take_whole(sweep->target, &there.length);
        switch (small_compare(&sweep->comparison->rules.hash_key, round->dumps.items[i].type, &here,
                              &there)) {
        case SMALL_EQUAL:
            prove(sweep);
            break;
        case SMALL_GONE:
            break;
        case SMALL_DOUBT:
            doubt(sweep, &round->dumps, i, false);
        }
    }
}

/* A letter for those that a small value is read of by a command of their type; 0: by DUMP. */
static char kind_of(const struct redis_token *type) {
    static const char *const known[] = { "set", "hash", "list" };
    for (size_t i = 0; i < COUNT(known); i++)
        if (strlen(known[i]) == type->length && memcmp(type->bytes, known[i], type->length) == 0)
            return known[i][0];
    return 0;
}

static bool take_types(struct sweep *sweep, const struct round *round, struct error *err) {
    for (size_t i = 0; i < round->types.count; i++) {
        struct redis_token type = redis_flow_take(sweep->source);
        if (type.type != REDIS_STATUS)
            return error_set(err, ERROR_REFUSED, "the source refuses 'TYPE': %.*s",
                             (int)type.length, type.bytes ? type.bytes : "");
        if (type.length == 4 && memcmp(type.bytes, "none", 4) == 0)
            continue;
        bool string = type.length == 6 && memcmp(type.bytes, "string", 6) == 0;
        names_add(string ? &sweep->strings : &sweep->sizes, names_bytes(&round->types, i),
                  round->types.items[i].length, 0, kind_of(&type));
    }
    return true;
}

static bool take_round(struct sweep *sweep, struct error *err) {
    struct round *round = &sweep->rounds[sweep->oldest];
    struct redis_flow *flows[] = { sweep->source, sweep->target };
    const struct verify_options *options = sweep->comparison->options;
    int64_t arrived_us = round->sent_us;
    if (!redis_flow_await(flows, round->wanted, 2, options->deadline_mono_ms, &arrived_us, err) ||
        (round->scanned && !scan_take(&sweep->scan, sweep->source, &sweep->types, err)) ||
        !take_types(sweep, round, err))
        return false;
    take_strings(sweep, round);
    take_sizes(sweep, round);
    take_dumps(sweep, round);
    sweep->oldest = (sweep->oldest + 1) % ROUND_COUNT;
    sweep->flying_count--;
    share_wait(options->max_source_share, arrived_us - round->sent_us);
    return verify_go_on(options, sweep->comparison->result->keys_compared, sweep->comparison->total,
                        err);
}

static void open_flows(struct sweep *sweep) {
    sweep->source = redis_flow_open(sweep->comparison->options->source);
    sweep->target = redis_flow_open(sweep->comparison->options->target);
}

static void close_flows(struct sweep *sweep) {
    redis_flow_close(sweep->source);
    redis_flow_close(sweep->target);
    sweep->source = sweep->target = NULL;
}

static bool work_on_queue(struct sweep *sweep, struct error *err) {
    while (sweep->flying_count > 0)
        if (!take_round(sweep, err))
            return false;
    close_flows(sweep);
    if (!queue_work(sweep->queue, false, err))
        return false;
    open_flows(sweep);
    return true;
}

bool sweep_source(struct comparison *comparison, struct queue *queue, int64_t database,
                  struct error *err) {
    int share = comparison->options->max_source_share;
    /* A round that waits behind another would look as if it took the source longer. */
    AUTO(sweep_clear)
    struct sweep sweep = { .comparison = comparison,
                           .queue = queue,
                           .database = database,
                           .scan = { .cursor = "0" },
                           .depth = share > 0 && share < 100 ? 1 : ROUND_COUNT };
    open_flows(&sweep);
    for (;;) {
        while (sweep.flying_count < sweep.depth && send_round(&sweep)) {
        }
        if (sweep.flying_count == 0)
            return true;
        if (!take_round(&sweep, err))
            return false;
        if (queue_is_due(queue) && !work_on_queue(&sweep, err))
            return false;
    }
}
