#include "executor/site/positions.h"

#include <stdlib.h>

#include "schemas/base/memory.h"

/* A replica of the target's own follows one of its nodes, and is not asked for more than that. */
static bool is_chained(const struct site *site, const struct replication *node) {
    return site->targets.count > 1 && node->follows && site_is_target(site, node->follows);
}

static bool speaks_before(const struct replication *node, const struct replication *other) {
    if (node->is_primary || other->is_primary)
        return node->is_primary;
    bool node_flows = node->link_up && !node->syncing;
    bool other_flows = other->link_up && !other->syncing;
    if (node_flows != other_flows)
        return !node_flows;
    return node->applied_offset < other->applied_offset;
}

static void take(struct replication *to, struct replication *from) {
    replication_clear(to);
    *to = MOVE(*from);
}

static bool settle(struct site *site, struct replications *seen, struct positions *out,
                   struct error *err) {
    bool *spoken = xcalloc(site->shards.count + 1, sizeof *spoken);
    for (size_t i = 0; i < site->targets.count; i++) {
        size_t shard = site_shard_of(site, &site->targets.items[i]);
        struct replication *node = &seen->items[i], *now = &out->items[shard].target;
        if (is_chained(site, node) || (spoken[shard] && !speaks_before(node, now)))
            continue;
        take(now, node);
        out->items[shard].node = i;
        spoken[shard] = true;
    }
    bool all = true;
    for (size_t s = 0; s < site->shards.count && all; s++)
        all = spoken[s] ||
              error_set(err, ERROR_NOT_FOUND, "no node of the target serves the slots %s",
                        site->shards.items[s].name);
    free(spoken);
    return all;
}

bool positions_look(struct site *site, const char *source_section, struct positions *out,
                    struct error *err) {
    AUTO(many_clear) struct many targets = { 0 }, sources = { 0 };
    AUTO(replications_clear) struct replications there = { 0 }, here = { 0 };
    AUTO(positions_clear) struct positions made = { 0 };
    site_list(site, SITE_TARGETS, &targets);
    site_list(site, SITE_PRIMARIES, &sources);
    if (!site_pair(site, err) ||
        (source_section &&
         !replication_ask_many(&sources, source_section, site_deadline(site), &there, err)) ||
        !replication_ask_many(&targets, "replication", site_deadline(site), &here, err))
        return false;
    for (size_t s = 0; s < site->shards.count; s++) {
        struct position *position = LIST_ADD(&made);
        if (source_section)
            take(&position->source, &there.items[s]);
    }
    if (!settle(site, &here, &made, err))
        return false;
    positions_clear(out);
    *out = MOVE(made);
    return true;
}

static void position_release(struct position *position) {
    replication_clear(&position->source);
    replication_clear(&position->target);
}

void positions_clear(struct positions *list) {
    if (!list)
        return;
    LIST_CLEAR(list, position_release);
}
