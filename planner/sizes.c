#include "planner/sizes.h"

#include <stdlib.h>

#include "schemas/base/number.h"
#include "schemas/base/units.h"
#include "schemas/observed/room.h"

#define MIB ((int64_t)1 << 20)
#define GIB ((int64_t)1 << 30)

bool setting_number(const char *string, int64_t *out) {
    char *end;
    long long value = strtoll(string, &end, 10);
    if (end == string || (*end && *end != ' '))
        return false;
    *out = number_clamp(value);
    return true;
}

static int64_t share_of(int64_t data_bytes, int64_t percent, int64_t floor_bytes) {
    int64_t share = units_power_of_two_at_least(data_bytes / 100 * percent);
    return share > floor_bytes ? share : floor_bytes;
}

/* The largest power of two down from the need whose growth takes at most half of what is free, so
 * that as much is left for the data to grow into. */
static int64_t backlog_for(const struct situation *situation, const struct observed_node *node,
                           int64_t size_bytes) {
    const char *current = pairs_find(&node->settings, ROOM_BACKLOG);
    int64_t have;
    struct room room;
    room_of(node, &room);
    if (!node->reachable || !room.known || !current || !setting_number(current, &have))
        return size_bytes;
    while (size_bytes > have && size_bytes > MIB / 64 &&
           room_need_bytes(&(struct room_need){ room_backlog_growth(node, size_bytes),
                                                situation->comparison_bytes }) >
               room.free_bytes / 2)
        size_bytes /= 2;
    return size_bytes;
}

/* A limit that the machine's memory cannot hold protects nobody. */
static int64_t buffer_for(const struct observed_node *node, int64_t limit_bytes) {
    struct room room;
    room_of_machine(node, &room);
    while (node->reachable && room.known && limit_bytes > MIB && limit_bytes > room.free_bytes)
        limit_bytes /= 2;
    return limit_bytes;
}

void sizes_fit(struct situation *situation) {
    situation->backlog.need_bytes = share_of(situation->shard_bytes, 5, 64 * MIB);
    situation->buffer.need_bytes = share_of(situation->shard_bytes, 20, GIB);
    situation->comparison_bytes = room_of_comparison(situation->config);
    situation->backlog.size_bytes = situation->backlog.need_bytes;
    situation->buffer.size_bytes = situation->buffer.need_bytes;
    for (size_t i = 0; i < situation->observed->source.nodes.count; i++) {
        const struct observed_node *node = &situation->observed->source.nodes.items[i];
        situation->backlog.size_bytes = backlog_for(situation, node, situation->backlog.size_bytes);
        situation->buffer.size_bytes = buffer_for(node, situation->buffer.size_bytes);
    }
}
