#include <stdio.h>

#include "executor/verify/scan.h"
#include "executor/verify/sweep.h"
#include "schemas/base/slots.h"

#define TOGETHER_COUNT ((size_t)50) /* names in one EXISTS, which says how many of them exist */

struct reverse {
    struct comparison *comparison;
    struct queue *queue;
    int64_t database;
    struct redis_flow *source, *target;
    struct scan scan;
    struct names names; /* scanned, asked together */
    struct names apart; /* of a group where one is missing: asked one by one */
    bool draining;      /* nothing more is scanned until all that was is asked */
};

static void reverse_clear(struct reverse *sweep) {
    redis_flow_close(sweep->source);
    redis_flow_close(sweep->target);
    names_clear(&sweep->names);
    names_clear(&sweep->apart);
}
AUTO_VALUE(struct reverse, reverse_clear)

static int slot_at(const struct names *names, size_t index) {
    return slot_of_key(names_bytes(names, index), names->items[index].length);
}

/* With cluster mode the names of one command are of one slot; before 3.0.3 there is one name. */
static size_t group_size(const struct reverse *sweep, size_t from) {
    const struct names *names = &sweep->names;
    size_t left = names->count - from, size = 1;
    bool apart = sweep->comparison->clustered;
    size_t most = sweep->comparison->rules.exists_takes_many ? TOGETHER_COUNT : 1;
    while (size < left && size < most &&
           (!apart || slot_at(names, from) == slot_at(names, from + size)))
        size++;
    return size;
}

static void ask(struct reverse *sweep) {
    const struct names *names = &sweep->names;
    for (size_t from = 0, size; from < names->count; from += size) {
        size = group_size(sweep, from);
        redis_flow_begin(sweep->source, size + 1);
        FLOW_WORD(sweep->source, "EXISTS");
        for (size_t i = from; i < from + size; i++)
            redis_flow_word(sweep->source, names_bytes(names, i), names->items[i].length);
    }
    for (size_t i = 0; i < sweep->apart.count; i++)
        flow_ask(sweep->source, "EXISTS", names_bytes(&sweep->apart, i),
                 sweep->apart.items[i].length);
    if (!sweep->scan.ended && !sweep->draining)
        scan_ask(&sweep->scan, sweep->target);
}

static bool take_count(struct reverse *sweep, int64_t *count, struct error *err) {
    struct redis_token answer = redis_flow_take(sweep->source);
    if (answer.type != REDIS_INTEGER) {
        const char *fault = answer.bytes ? answer.bytes : "";
        error_set(err, ERROR_REFUSED, "the source refuses 'EXISTS': %.*s", (int)answer.length,
                  fault);
        return refusal_hint(err, fault, answer.length);
    }
    *count = answer.integer;
    return true;
}

static bool take(struct reverse *sweep, struct error *err) {
    AUTO(names_clear) struct names apart = { 0 };
    const struct names *names = &sweep->names, *asked = &sweep->apart;
    int64_t count = 0;
    for (size_t from = 0, size; from < names->count; from += size) {
        size = group_size(sweep, from);
        if (!take_count(sweep, &count, err))
            return false;
        for (size_t i = from; count < (int64_t)size && i < from + size; i++)
            names_add(&apart, names_bytes(names, i), names->items[i].length, 0, 0);
    }
    for (size_t i = 0; i < asked->count; i++) {
        if (!take_count(sweep, &count, err))
            return false;
        if (count == 0)
            queue_add(sweep->queue, sweep->database, names_bytes(asked, i), asked->items[i].length,
                      SIZE_UNKNOWN);
    }
    names_clear(&sweep->apart);
    sweep->apart = MOVE(apart);
    names_reset(&sweep->names);
    return !sweep->scan.asked || scan_take(&sweep->scan, sweep->target, &sweep->names, err);
}

static void open_flows(struct reverse *sweep) {
    sweep->source = redis_flow_open(sweep->comparison->options->source);
    sweep->target = redis_flow_open(sweep->comparison->options->target);
}

static bool work_on_queue(struct reverse *sweep, struct error *err) {
    redis_flow_close(sweep->source);
    redis_flow_close(sweep->target);
    sweep->source = sweep->target = NULL;
    if (!queue_work(sweep->queue, false, err))
        return false;
    open_flows(sweep);
    return true;
}

static bool round_trip(struct reverse *sweep, struct error *err) {
    const struct verify_options *options = sweep->comparison->options;
    ask(sweep);
    struct redis_flow *flows[] = { sweep->source, sweep->target };
    const size_t wanted[] = { redis_flow_asked(sweep->source), redis_flow_asked(sweep->target) };
    int64_t sent_us = throttle_now_us(), arrived_us = sent_us;
    if (!redis_flow_await(flows, wanted, 2, options->deadline_mono_ms, &arrived_us, err) ||
        !take(sweep, err))
        return false;
    struct throttle *throttle = sweep->comparison->throttle;
    if (wanted[0] > 0)
        throttle_spent(throttle, arrived_us - sent_us);
    if (!throttle_probe(throttle, sweep->source, options->deadline_mono_ms, err))
        return false;
    return verify_go_on(options, 0, 0, err) &&
           (!queue_is_due(sweep->queue) || work_on_queue(sweep, err));
}

/* The cursor is kept only when everything before it was looked at, or waits in the queue. */
static void keep(struct reverse *sweep, struct checkpoint *checkpoint) {
    sweep->draining = checkpoint_is_due(checkpoint);
    if (!sweep->draining || sweep->names.count > 0 || sweep->apart.count > 0)
        return;
    (void)snprintf(checkpoint->cursor, sizeof checkpoint->cursor, "%s", sweep->scan.cursor);
    checkpoint_save(checkpoint, sweep->comparison->result, sweep->queue);
    sweep->draining = false;
}

bool sweep_target(struct comparison *comparison, struct queue *queue, struct checkpoint *checkpoint,
                  struct error *err) {
    AUTO(reverse_clear)
    struct reverse sweep = { .comparison = comparison,
                             .queue = queue,
                             .database = checkpoint->database };
    (void)snprintf(sweep.scan.cursor, sizeof sweep.scan.cursor, "%s", checkpoint->cursor);
    open_flows(&sweep);
    while (!sweep.scan.ended || sweep.names.count > 0 || sweep.apart.count > 0) {
        if (!round_trip(&sweep, err))
            return false;
        if (!sweep.scan.ended)
            keep(&sweep, checkpoint);
    }
    return true;
}
