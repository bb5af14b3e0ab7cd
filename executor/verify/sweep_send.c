#include "executor/verify/small_values.h"
#include "executor/verify/sweep.h"
#include "schemas/base/slots.h"

#define TAKE_COUNT ((size_t)500)
#define LOW_COUNT ((size_t)1000)        /* names left, below which more are scanned */
#define GROUP_COUNT ((size_t)50)        /* names in one MGET */
#define GROUP_BYTES ((size_t)64 << 10)  /* of their values */
#define STRING_BYTES ((size_t)4 << 10)  /* of a value that is taken for a string */
#define ROUND_BYTES ((size_t)512 << 10) /* of all the values that are asked at once */

static void ask_expiry(const struct sweep *sweep, struct redis_flow *flow, const char *key,
                       size_t length) {
    flow_ask(flow, sweep->comparison->rules.expiry_is_absolute ? "PEXPIRETIME" : "PTTL", key,
             length);
}

/* Of so many samples an estimate below the size of a small value is not an estimate: a larger
 * number of elements is not that small. One huge field among small ones is seen. */
static void ask_sizes(const struct names *names, bool exact, struct redis_flow *flow) {
    for (size_t i = 0; i < names->count; i++) {
        redis_flow_begin(flow, exact ? 5 : 3);
        FLOW_WORD(flow, "MEMORY");
        FLOW_WORD(flow, "USAGE");
        redis_flow_word(flow, names_bytes(names, i), names->items[i].length);
        if (!exact)
            continue;
        FLOW_WORD(flow, "SAMPLES");
        FLOW_WORD(flow, "1200");
    }
}

static void ask_all_sizes(const struct round *round, struct redis_flow *flow) {
    ask_sizes(&round->sizes, round->sizes_are_exact, flow);
    ask_sizes(&round->weighs, true, flow);
}

static void ask_groups(const struct sweep *sweep, const struct round *round,
                       struct redis_flow *flow) {
    const struct names *names = &round->groups;
    for (size_t from = 0; from < names->count; from += names->items[from].size_bytes) {
        size_t end = from + names->items[from].size_bytes;
        redis_flow_begin(flow, end - from + 1);
        FLOW_WORD(flow, "MGET");
        for (size_t i = from; i < end; i++)
            redis_flow_word(flow, names_bytes(names, i), names->items[i].length);
        for (size_t i = from; round->expiry_asked && i < end; i++)
            ask_expiry(sweep, flow, names_bytes(names, i), names->items[i].length);
    }
}

static void ask_dumps(const struct sweep *sweep, const struct round *round,
                      struct redis_flow *flow) {
    const struct names *names = &round->dumps;
    for (size_t i = 0; i < names->count; i++) {
        flow_ask(flow, "DUMP", names_bytes(names, i), names->items[i].length);
        if (round->expiry_asked)
            ask_expiry(sweep, flow, names_bytes(names, i), names->items[i].length);
    }
}

static void ask(const struct sweep *sweep, const struct round *round, struct redis_flow *flow) {
    if (!round->expiry_asked && round->groups.count + round->dumps.count > 0) {
        redis_flow_begin(flow, 2);
        FLOW_WORD(flow, "INFO");
        FLOW_WORD(flow, "keyspace");
    }
    ask_groups(sweep, round, flow);
    ask_dumps(sweep, round, flow);
    for (size_t i = 0; i < round->wholes.count; i++)
        small_values_ask(flow, round->wholes.items[i].type, names_bytes(&round->wholes, i),
                         round->wholes.items[i].length);
}

static void move_some(struct names *from, struct names *to, size_t *bytes) {
    for (size_t i = 0; i < TAKE_COUNT && names_left(from) > 0 && *bytes < ROUND_BYTES; i++) {
        *bytes += from->items[from->taken].size_bytes;
        names_move(from, to);
    }
}

static bool fits(const struct sweep *sweep, const struct names *names, size_t first,
                 size_t group_bytes) {
    size_t last = names->count - 1;
    if (last == first)
        return true;
    if (last - first >= GROUP_COUNT || group_bytes > GROUP_BYTES)
        return false;
    return !sweep->comparison->clustered ||
           slot_of_key(names_bytes(names, first), names->items[first].length) ==
               slot_of_key(names_bytes(names, last), names->items[last].length);
}

static bool tries_strings(const struct sweep *sweep) {
    return sweep->strings >= SWEEP_ALL / 2;
}

/* Values that may be strings go into groups, of one slot each where that matters. */
static void move_values(struct sweep *sweep, struct round *round, size_t *bytes) {
    struct names *from = &sweep->values, *groups = &round->groups;
    size_t first = 0, group_bytes = 0;
    bool try_strings = tries_strings(sweep);
    for (size_t i = 0; i < TAKE_COUNT && names_left(from) > 0 && *bytes < ROUND_BYTES; i++) {
        size_t size_bytes = from->items[from->taken].size_bytes;
        *bytes += size_bytes;
        if (!try_strings || size_bytes > STRING_BYTES) {
            bool weighed = from->items[from->taken].type == WEIGHED;
            names_move(from, weighed ? &round->dumps : &round->weighs);
            continue;
        }
        names_move(from, groups);
        group_bytes += size_bytes;
        if (!fits(sweep, groups, first, group_bytes)) {
            first = groups->count - 1;
            group_bytes = size_bytes;
        }
        groups->items[groups->count - 1].size_bytes = 0;
        groups->items[first].size_bytes++;
    }
}

/* The sizes of a replica are those of its primary, and asking the target takes nothing from the
 * source's clients. A copy that was found wrong is no longer believed: behind a small value of
 * its there may be a huge one that the source would be made to DUMP. Detached, somebody may wait
 * for either. */
static bool mistrusts(const struct sweep *sweep) {
    return sweep->comparison->options->detached ||
           verify_kinds_sum(&sweep->comparison->result->kinds) > 0;
}

static void fill(struct sweep *sweep, struct round *round) {
    size_t bytes = 0;
    names_reset(&round->sizes);
    names_reset(&round->weighs);
    names_reset(&round->groups);
    names_reset(&round->dumps);
    names_reset(&round->wholes);
    bool room = names_left(&sweep->values) < LOW_COUNT;
    round->scanned = room && !sweep->draining && !sweep->scan.asked && !sweep->scan.ended &&
                     names_left(&sweep->names) < LOW_COUNT;
    round->expiry_asked = sweep->expires;
    round->sizes_of_source = mistrusts(sweep);
    round->sizes_are_exact = !tries_strings(sweep);
    move_some(&sweep->wholes, &round->wholes, &bytes);
    move_some(&sweep->dumps, &round->dumps, &bytes);
    move_values(sweep, round, &bytes);
    bytes = 0;
    move_some(&sweep->weighs, &round->weighs, &bytes);
    bytes = 0;
    if (room)
        move_some(&sweep->names, &round->sizes, &bytes);
}

bool sweep_send(struct sweep *sweep) {
    struct round *round = &sweep->rounds[(sweep->oldest + sweep->flying_count) % ROUND_COUNT];
    size_t before[] = { redis_flow_asked(sweep->source), redis_flow_asked(sweep->target) };
    fill(sweep, round);
    if (round->scanned)
        scan_ask(&sweep->scan, sweep->source);
    if (round->sizes_of_source)
        ask_all_sizes(round, sweep->source);
    ask_all_sizes(round, sweep->target);
    ask(sweep, round, sweep->source);
    ask(sweep, round, sweep->target);
    round->wanted[0] = redis_flow_asked(sweep->source) - before[0];
    round->wanted[1] = redis_flow_asked(sweep->target) - before[1];
    if (round->wanted[0] + round->wanted[1] == 0)
        return false;
    round->sent_us = throttle_now_us();
    redis_flow_push(sweep->source);
    redis_flow_push(sweep->target);
    sweep->flying_count++;
    return true;
}
