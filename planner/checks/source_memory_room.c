#include "planner/checks/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/base/text.h"
#include "schemas/observed/room.h"

/* The exact command, where maxmemory is what limits. */
static void say_remedy(const struct observed_node *node, const struct room *room,
                       const struct room_need *need, struct finding *finding) {
    int64_t enough = room_enough_maxmemory(room, need);
    const char *colon = strrchr(node->address, ':');
    if (!enough || !colon)
        return;
    finding_remedy(finding,
                   "redis-cli -h %.*s -p %s CONFIG SET maxmemory %" PRId64 " (it is %" PRId64
                   "), then plan again; set it back after the migration",
                   (int)(colon - node->address), node->address, colon + 1, enough,
                   node->maxmemory_bytes);
}

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const struct situation *situation = input->situation;
    const char *current = pairs_find(&node->settings, ROOM_BACKLOG);
    int64_t have = number_or(current, 0), size = situation->backlog.need_bytes;
    const struct room_need least = { room_backlog_growth(node, have), situation->comparison_bytes };
    const struct room_need wanted = { room_backlog_growth(node, size),
                                      situation->comparison_bytes };
    struct room room;
    room_of(node, &room);
    bool fits = room_fits(&room, &least);
    bool smaller = have < size && situation->backlog.size_bytes < size;
    if (!current || (situation->replicating && fits) || (fits && !smaller))
        return;
    struct finding *finding =
        fits ? check_found_as(input, out, SEVERITY_WARNING, node->address,
                              "there is little memory for a larger replication backlog")
             : check_found(input, out, node->address,
                           "there is not enough memory for what the migration needs");
    AUTO(text_clear) struct text sum = { 0 };
    room_add_sum(&sum, &room, fits ? &wanted : &least);
    finding_detail(finding, "%s", text_string(&sum));
    say_remedy(node, &room, &wanted, finding);
}

const struct check check_source_memory_room = {
    .title = "The source has enough memory for the migration",
    .reads = "INFO maxmemory, used_memory, mem_not_counted_for_evict, total_system_memory, "
             "used_memory_rss, repl_backlog_size, mem_total_replication_buffers",
    .cause = "The replication backlog counts against maxmemory (up to Redis 6.2 in full when a "
             "replica attaches, from 7.0 on as it fills), and so do the answers to the comparison "
             "and the connections of ecmig and of the target. Without maxmemory, the machine's "
             "memory is the limit.",
    .risk = "The source evicts keys or refuses writes with OOM, or the kernel kills it.",
    .remedy = "free memory on the source's machine, or add memory, then plan again",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .facts = "used_memory repl-backlog-size",
    .unread = SEVERITY_WARNING,
    .run_primary = run_primary,
};
