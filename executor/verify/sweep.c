/* Several steps run at once, each a round behind the one before: names are scanned, the size of
 * their values asked, small values read and their expiry. A round takes some of each; the next one
 * is on the wire while one is compared. */
#include "executor/verify/sweep.h"

#include <stdio.h>

#include "executor/verify/rows.h"

/* Databases whose lines of INFO cost about as much as the expiries of a round's keys. */
#define ROUND_LINES_COUNT 100

static void sweep_clear(struct sweep *sweep) {
    redis_flow_close(sweep->source);
    redis_flow_close(sweep->target);
    struct names *lists[] = { &sweep->names, &sweep->values, &sweep->weighs, &sweep->dumps,
                              &sweep->wholes };
    for (size_t i = 0; i < COUNT(lists); i++)
        names_clear(lists[i]);
    for (size_t i = 0; i < ROUND_COUNT; i++) {
        names_clear(&sweep->rounds[i].sizes);
        names_clear(&sweep->rounds[i].weighs);
        names_clear(&sweep->rounds[i].groups);
        names_clear(&sweep->rounds[i].dumps);
        names_clear(&sweep->rounds[i].wholes);
    }
}
AUTO_VALUE(struct sweep, sweep_clear)

static bool take_round(struct sweep *sweep, struct error *err) {
    struct round *round = &sweep->rounds[sweep->oldest];
    struct redis_flow *flows[] = { sweep->source, sweep->target };
    const struct verify_options *options = sweep->comparison->options;
    int64_t arrived_us = round->sent_us;
    if (!redis_flow_await(flows, round->wanted, 2, options->deadline_mono_ms, &arrived_us, err) ||
        !sweep_take(sweep, round, err))
        return false;
    sweep->oldest = (sweep->oldest + 1) % ROUND_COUNT;
    sweep->flying_count--;
    struct throttle *throttle = sweep->comparison->throttle;
    throttle_spent(throttle, arrived_us - round->sent_us);
    if (throttle_limit(throttle) &&
        !throttle_probe(throttle, sweep->source, options->deadline_mono_ms, err))
        return false;
    return verify_go_on(options, sweep->comparison->result->keys_compared, sweep->comparison->total,
                        err);
}

static void open_flows(struct sweep *sweep) {
    sweep->source = redis_flow_open(sweep->comparison->options->source);
    sweep->target = redis_flow_open(sweep->comparison->options->target);
}

static bool work_on_queue(struct sweep *sweep, struct error *err) {
    while (sweep->flying_count > 0)
        if (!take_round(sweep, err))
            return false;
    redis_flow_close(sweep->source);
    redis_flow_close(sweep->target);
    sweep->source = sweep->target = NULL;
    if (!queue_work(sweep->queue, false, err))
        return false;
    open_flows(sweep);
    return true;
}

/* The keyspace is asked for with each round while none is known to expire. */
static bool asks_for_expiry(const struct verify_databases *rows, int64_t database) {
    const struct verify_database *row = rows_find(rows, database);
    return rows->count > ROUND_LINES_COUNT ||
           (row && (row->source_expires > 0 || row->target_expires > 0));
}

static void keep(struct sweep *sweep, struct checkpoint *checkpoint) {
    (void)snprintf(checkpoint->cursor, sizeof checkpoint->cursor, "%s", sweep->scan.cursor);
    checkpoint_save(checkpoint, sweep->comparison->result, sweep->queue);
    sweep->draining = false;
}

bool sweep_source(struct comparison *comparison, struct queue *queue, struct checkpoint *checkpoint,
                  struct error *err) {
    /* A round that waits behind another would look as if it took the source longer. */
    AUTO(sweep_clear)
    struct sweep sweep = { .comparison = comparison,
                           .queue = queue,
                           .database = checkpoint->database,
                           .expires = asks_for_expiry(&comparison->result->databases,
                                                      checkpoint->database),
                           .strings = SWEEP_ALL,
                           .depth = throttle_limit(comparison->throttle) ? 1 : ROUND_COUNT };
    (void)snprintf(sweep.scan.cursor, sizeof sweep.scan.cursor, "%s", checkpoint->cursor);
    open_flows(&sweep);
    for (;;) {
        sweep.draining |= checkpoint_is_due(checkpoint);
        while (sweep.flying_count < sweep.depth && sweep_send(&sweep)) {
        }
        if (sweep.flying_count == 0 && sweep.scan.ended)
            return true;
        if (sweep.flying_count == 0)
            keep(&sweep, checkpoint);
        else if (!take_round(&sweep, err))
            return false;
        if (queue_is_due(queue) && !work_on_queue(&sweep, err))
            return false;
    }
}
