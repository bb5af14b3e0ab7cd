#include "planner/predict.h"

#include <stdlib.h>
#include <string.h>

#include "planner/settings.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/base/text.h"
#include "schemas/base/units.h"
#include "schemas/observed/room.h"

#define FORK_PERCENT 25 /* of the used memory, for pages that are written while the child lives */
#define FORK_MS_PER_GIB 20 /* 10 to 20 on hardware and on virtual machines of today */
#define MIB ((int64_t)1 << 20)
#define BREAK_S 60 /* of the link, after which the copy should not start again */
#define HEAD_ROOM_PERCENT 10
#define QUERY_BUFFER_BYTES ((int64_t)16 << 10) /* that the server reads at a time */

/* The shard with the most data, and the one that is written to most. */
struct extremes {
    const struct observed_node *largest, *busiest;
};

static struct extremes find(const struct situation *situation) {
    struct extremes found = { 0 };
    const struct observed_node *node;
    struct primary_walk walk = { 0 };
    while ((node = situation_next_primary(situation, &walk))) {
        if (!node->reachable)
            continue;
        if (!found.largest || node->used_memory_bytes > found.largest->used_memory_bytes)
            found.largest = node;
        if (!found.busiest || node->write_bytes_per_s > found.busiest->write_bytes_per_s)
            found.busiest = node;
    }
    return found;
}

static void add_bytes(struct text *line, const char *before, int64_t bytes, const char *after) {
    text_add(line, before);
    units_add_bytes(line, bytes);
    text_add(line, after);
}

static void finish(struct text *line, struct strings *out) {
    strings_add(out, text_string(line));
}

static int64_t copy_s(const struct situation *situation) {
    return situation->shard_bytes / PREDICT_SLOW_BYTES_PER_S + 1;
}

static void predict_copy(const struct situation *situation, struct strings *out) {
    AUTO(text_clear) struct text line = { 0 };
    add_bytes(&line, "copy: ", situation->shard_bytes,
              situation->primaries > 1 ? " of the largest shard" : "");
    text_add(&line, " / 50-75 MiB/s = ");
    int64_t fast_s = situation->shard_bytes / PREDICT_FAST_BYTES_PER_S + 1;
    units_add_duration(&line, fast_s * 1000);
    if (copy_s(situation) > fast_s) {
        text_add(&line, " to ");
        units_add_duration(&line, copy_s(situation) * 1000);
    }
    finish(&line, out);
}

static void add_setting(const struct situation *situation, const struct observed_node *node,
                        const char *name, struct text *line) {
    AUTO(string_free) char *raised = setting_raised(situation, node, name);
    const char *value = pairs_find(&node->settings, name);
    AUTO(string_free)
    char *shown = setting_shown(name, raised ? raised : value ? value : "unknown");
    text_addf(line, "; it is %s \"%s\"", raised ? "raised to" : "set to", shown);
}

/* What is written while the copy is sent and loaded waits in the source's memory. */
static void predict_buffer(const struct situation *situation, const struct observed_node *busiest,
                           struct strings *out) {
    AUTO(text_clear) struct text line = { 0 };
    add_bytes(&line, "output buffer: ", busiest->write_bytes_per_s, "/s written x ");
    units_add_duration(&line, copy_s(situation) * 1000);
    add_bytes(&line, " = ", number_product(busiest->write_bytes_per_s, copy_s(situation)), "");
    add_setting(situation, busiest, "client-output-buffer-limit", &line);
    finish(&line, out);
}

static void predict_backlog(const struct situation *situation, const struct observed_node *busiest,
                            struct strings *out) {
    AUTO(text_clear) struct text line = { 0 };
    add_bytes(&line, "backlog: ", busiest->write_bytes_per_s,
              "/s written x 1 min of broken link = ");
    add_bytes(&line, "", number_product(busiest->write_bytes_per_s, BREAK_S), "");
    add_setting(situation, busiest, "repl-backlog-size", &line);
    finish(&line, out);
}

static void predict_fork(const struct observed_node *largest, struct strings *out) {
    AUTO(text_clear) struct text line = { 0 };
    int64_t used = largest->used_memory_bytes, more = used / 100 * FORK_PERCENT;
    add_bytes(&line, "fork: ", used, " used");
    text_addf(&line, " + %d %%", FORK_PERCENT);
    add_bytes(&line, " written meanwhile = ", used + more, "");
    if (largest->system_memory_bytes)
        add_bytes(&line, " of ", largest->system_memory_bytes, "");
    finish(&line, out);
}

/* Of the primary that the migration leaves the least. */
static void predict_source(const struct situation *situation, struct strings *out) {
    AUTO(text_clear) struct text line = { 0 };
    const struct observed_node *node, *tightest = NULL;
    struct primary_walk walk = { 0 };
    struct room least = { 0 }, room;
    struct room_need need = { 0 };
    while ((node = situation_next_primary(situation, &walk))) {
        const char *value = pairs_find(&node->settings, ROOM_BACKLOG);
        AUTO(string_free) char *raised = setting_raised(situation, node, ROOM_BACKLOG);
        if (!node->reachable || !value)
            continue;
        const struct room_need own = { room_backlog_growth(node,
                                                           number_or(raised ? raised : value, 0)),
                                       situation->comparison_bytes };
        room_of(node, &room);
        if (tightest &&
            room.free_bytes - own.backlog_bytes >= least.free_bytes - need.backlog_bytes)
            continue;
        tightest = node;
        least = room;
        need = own;
    }
    if (!tightest)
        return;
    text_add(&line, "source memory: ");
    room_add_sum(&line, &least, &need);
    if (situation->primaries > 1)
        text_addf(&line, " on %s", tightest->address);
    finish(&line, out);
}

/* Of one core. The fork stops the server while it copies its page tables, once a copy. */
static void predict_cpu(const struct situation *situation, const struct observed_node *largest,
                        struct strings *out) {
    AUTO(text_clear) struct text line = { 0 };
    text_add(&line, "source CPU: ");
    if (situation->comparison_bytes)
        text_addf(&line, "comparison up to %d %%, ~2 ms a trip; ", ROOM_COMPARISON_SHARE);
    int64_t fork_ms = largest->used_memory_bytes / MIB * FORK_MS_PER_GIB / 1024 + 1;
    add_bytes(&line, "fork ", largest->used_memory_bytes, "");
    text_addf(&line, " x %d ms/GiB = ", FORK_MS_PER_GIB);
    units_add_duration(&line, fork_ms);
    finish(&line, out);
}

/* A client that waits keeps its request, and what it sends on top is read as well. */
static void predict_queues(const struct situation *situation, const struct observed_node *busiest,
                           struct strings *out) {
    AUTO(text_clear) struct text line = { 0 };
    int64_t pause_s = situation->config->cutover.max_write_pause_ms / 1000;
    if (!situation->pauses)
        return;
    add_bytes(&line, "pause queues: at most ", busiest->write_bytes_per_s, "/s written x ");
    units_add_duration(&line, pause_s * 1000);
    text_add(&line, " + ");
    units_add_count(&line, busiest->clients_count);
    add_bytes(&line, " clients x ", QUERY_BUFFER_BYTES, "");
    add_bytes(&line, " = ",
              number_sum(number_product(busiest->write_bytes_per_s, pause_s),
                         number_product(busiest->clients_count, QUERY_BUFFER_BYTES)),
              "");
    finish(&line, out);
}

static void predict_memory(const struct situation *situation, const struct observed_node *largest,
                           struct strings *out) {
    AUTO(text_clear) struct text line = { 0 };
    int64_t used = largest->used_memory_bytes, room = situation->observed->target.data_room_bytes;
    add_bytes(&line, "target memory: ", used,
              situation->primaries > 1 ? " in the largest shard" : "");
    text_addf(&line, " + %d %%", HEAD_ROOM_PERCENT);
    add_bytes(&line, " = ", used + used / 100 * HEAD_ROOM_PERCENT, "");
    if (room)
        add_bytes(&line, " of ", room, " usable");
    finish(&line, out);
}

/* The lag that the gate allows, at the slower speed; then the service promotes in its own time. */
static void predict_pause(const struct situation *situation, struct strings *out) {
    AUTO(text_clear) struct text line = { 0 };
    int64_t lag = situation->config->replication.in_sync.max_lag_bytes;
    int64_t wait_ms = number_product(lag, 1000) / PREDICT_SLOW_BYTES_PER_S + 1000;
    if (!situation->fences)
        return;
    add_bytes(&line, "write pause: ", lag, " of lag / 50 MiB/s + 1 s for round trips = ");
    units_add_duration(&line, wait_ms);
    text_add(&line, " of ");
    units_add_duration(&line, situation->config->cutover.max_write_pause_ms);
    finish(&line, out);
}

void predict(const struct situation *situation, struct strings *out) {
    struct extremes found = find(situation);
    if (!situation->looked || !found.largest || situation->mode != PLAN_MIGRATE ||
        situation->promoted || situation->finished)
        return;
    if (!situation->replicating) {
        predict_copy(situation, out);
        predict_buffer(situation, found.busiest, out);
        predict_backlog(situation, found.busiest, out);
        predict_source(situation, out);
        predict_cpu(situation, found.largest, out);
        predict_fork(found.largest, out);
        predict_memory(situation, found.largest, out);
    }
    predict_queues(situation, found.busiest, out);
    predict_pause(situation, out);
}
