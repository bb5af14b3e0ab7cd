#include "providers/local/service/graft.h"

#include <stdlib.h>
#include <string.h>

#include "providers/local/machine/ask.h"
#include "providers/local/machine/cluster.h"
#include "providers/local/machine/ready.h"
#include "providers/local/machine/stop.h"
#include "providers/local/service/group_node.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

/* With a day for a timeout nodes hear of each other by chance, one a second. */
#define SETTLING_TIMEOUT_MS "3000"

static bool slots_equal_text(const struct slots *slots, const char *text) {
    struct slots own = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    return text && slots_parse(text, strlen(text), &own, &ignored) && slots_equal(slots, &own);
}

static int by_first_slot(const void *left_at, const void *right_at) {
    const struct cluster_member *const *left = left_at, *const *right = right_at;
    return slots_first(&(*left)->slots) - slots_first(&(*right)->slots);
}

/* Primaries that serve slots, by their first. */
static bool list_primaries(const struct cluster_view *source, struct graft_pairs *out,
                           struct error *err) {
    struct slots served = { 0 };
    if (source->open_slots.count)
        return error_set(err, ERROR_REFUSED, "slot %d of the source is being moved",
                         source->open_slots.items[0].slot);
    for (size_t i = 0; i < source->count; i++) {
        const struct cluster_member *member = &source->items[i];
        if (!(member->flags & CLUSTER_PRIMARY) || !slots_count(&member->slots))
            continue;
        slots_add_all(&served, &member->slots);
        *LIST_ADD(out) = member;
    }
    if (slots_count(&served) != SLOT_COUNT)
        return error_set(err, ERROR_REFUSED, "the source serves %d of %d slots",
                         slots_count(&served), SLOT_COUNT);
    qsort(out->items, out->count, sizeof *out->items, by_first_slot);
    return true;
}

/* Each shard's equal, in the shards' order; false when one has none. */
static bool match(const struct graft_pairs *primaries, const struct shards *shards,
                  struct graft_pairs *out) {
    for (size_t i = 0; i < shards->count; i++)
        for (size_t k = 0; k < primaries->count; k++)
            if (slots_equal_text(&primaries->items[k]->slots, shards->items[i].slots))
                *LIST_ADD(out) = primaries->items[k];
    return out->count == shards->count;
}

bool graft_pair(const struct cluster_view *source, const struct shards *shards,
                struct graft_pairs *out, struct error *err) {
    AUTO(graft_pairs_clear) struct graft_pairs primaries = { 0 };
    AUTO(graft_pairs_clear) struct graft_pairs matched = { 0 };
    if (!list_primaries(source, &primaries, err))
        return false;
    if (primaries.count != shards->count)
        return error_set(err, ERROR_REFUSED,
                         "number of shards differs: source has %zu, target has %zu",
                         primaries.count, shards->count);
    if (match(&primaries, shards, &matched)) {
        *out = MOVE(matched);
        return true;
    }
    *out = primaries;
    out->layout_differs = true;
    primaries = (struct graft_pairs){ 0 };
    return true;
}

void graft_pairs_clear(struct graft_pairs *pairs) {
    if (pairs)
        free(pairs->items);
}

struct page_room {
    struct cluster_entries entries;
    struct strings texts; /* that the entries point to */
};

static void page_room_clear(struct page_room *room) {
    free(room->entries.items);
    strings_clear(&room->texts);
}
AUTO_VALUE(struct page_room, page_room_clear)

static const char *keep(struct page_room *room, const char *text) {
    strings_add(&room->texts, text);
    return room->texts.items[room->texts.count - 1];
}

static bool add_source(struct page_room *room, const struct cluster_member *member, size_t index,
                       struct error *err) {
    char host[256];
    uint16_t port = 0;
    if (!member->address || (member->flags & (CLUSTER_HANDSHAKE | CLUSTER_NO_ADDRESS)))
        return true;
    if (!redis_address_parse(member->address, host, &port))
        return error_set(err, ERROR_REFUSED, "the source announces '%s'", member->address);
    AUTO(string_free) char *slots = slots_text(&member->slots);
    bool replica = *member->primary_id != 0;
    *LIST_ADD(&room->entries) = (struct cluster_entry){
        .id = member->id,
        .host = keep(room, host),
        .port = port,
        .bus_port = CLUSTER_DEAD_BUS_PORT,
        .primary_id = replica ? member->primary_id : NULL,
        .epoch = (int64_t)index + 1,
        .slots = replica || !slots ? NULL : keep(room, slots),
    };
    return true;
}

static void add_target(struct page_room *room, const struct state *state, const struct group *group,
                       const struct node *node) {
    char address[16];
    node_address(state, node, address);
    *LIST_ADD(&room->entries) = (struct cluster_entry){
        .id = node->cluster_id,
        .host = keep(room, address),
        .port = state->node_port,
        .primary_id = group->shards.items[node->shard].source_id,
    };
}

bool graft_begin(struct endpoint *endpoint, struct group *group, const struct cluster_view *source,
                 struct error *err) {
    AUTO(page_room_clear) struct page_room room = { 0 };
    for (size_t i = 0; i < source->count; i++)
        if (!add_source(&room, &source->items[i], i, err))
            return false;
    for (size_t i = 0; i < group->nodes.count; i++)
        add_target(&room, &endpoint->state, group, &group->nodes.items[i]);
    nodes_stop_all(endpoint->dir, &endpoint->state, &group->nodes);
    group->migration.sent = true;
    endpoint->changed = true;
    for (size_t i = 0; i < group->nodes.count; i++) {
        const struct node *node = &group->nodes.items[i];
        AUTO(text_clear) struct text page = { 0 };
        cluster_page(&page, &endpoint->state, &room.entries, node->cluster_id,
                     (int64_t)source->count, engine_major(node->engine_version));
        if (!cluster_write(endpoint->dir, node, &page, err) ||
            !group_node_start(endpoint, group, node, err))
            return false;
    }
    return nodes_wait_ready(endpoint, &group->nodes, err);
}

bool graft_take_over(struct endpoint *endpoint, const struct group *group, size_t count,
                     struct error *err) {
    AUTO(node_set_clear) struct node_set primaries = { 0 };
    AUTO(answers_clear) struct answers roles = { 0 };
    const struct question question = { .words = { "ROLE" } };
    for (size_t i = 0; i < count; i++)
        node_set_add(&primaries, shard_primary(&group->nodes, (int64_t)i));
    nodes_ask(&endpoint->state, primaries.items, primaries.count, &question, &roles);
    for (size_t i = 0; i < primaries.count; i++) {
        AUTO(redis_close) struct redis_connection *connection = NULL;
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        const struct redis_reply *role = roles.items[i];
        if (role && role->count && strcmp(redis_text(role->elements[0]), "master") == 0)
            continue;
        if (!node_open(&endpoint->state, primaries.items[i], &connection, err) ||
            !redis_call(connection, REDIS_NOW, &reply, err, "CLUSTER", "FAILOVER", "TAKEOVER",
                        NULL))
            return false;
    }
    return true;
}

static bool is_own(const struct group *group, const char *id) {
    for (size_t i = 0; i < group->nodes.count; i++)
        if (strcmp(group->nodes.items[i].cluster_id, id) == 0)
            return true;
    return false;
}

/* The view knows every node of the group, each replica as its shard's primary's. */
static bool view_is_right(const struct group *group, const struct cluster_view *view) {
    for (size_t i = 0; i < group->nodes.count; i++) {
        const struct node *node = &group->nodes.items[i];
        const struct node *primary = shard_primary(&group->nodes, node->shard);
        const struct cluster_member *member = cluster_view_find(view, node->cluster_id);
        if (!member || (node == primary ? !(member->flags & CLUSTER_PRIMARY)
                                        : strcmp(member->primary_id, primary->cluster_id) != 0))
            return false;
    }
    return true;
}

static size_t queue_forgets(const struct group *group, const struct cluster_view *view,
                            struct redis_connection *connection) {
    size_t count = 0;
    for (size_t i = 0; i < view->count; i++) {
        if (is_own(group, view->items[i].id))
            continue;
        redis_queue_words(connection, "CLUSTER", "FORGET", view->items[i].id, NULL);
        count++;
    }
    return count;
}

/* Sends what is queued and takes the answers: what is refused is tried again the next time. */
static void forget(struct redis_connection **connections, const size_t *counts, size_t count) {
    AUTO(error_clear) struct error ignored = { 0 };
    redis_exchange(connections, count, clock_mono_ms() + NODE_ANSWER_MS);
    for (size_t i = 0; i < count; i++) {
        bool answered = true;
        for (size_t k = 0; answered && k < counts[i]; k++) {
            AUTO(redis_reply_free) struct redis_reply *reply = NULL;
            answered = redis_take(connections[i], &reply, &ignored);
        }
        redis_close(connections[i]);
    }
}

struct settling {
    struct redis_connection **connections;
    size_t *forgets;
    size_t count;
    bool strangers, right;
};

/* What one node has to forget yet. */
static void look(struct endpoint *endpoint, const struct group *group, const struct node *node,
                 const struct redis_reply *answer, struct settling *settling) {
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    struct redis_connection *connection = NULL;
    if (!answer || !cluster_nodes_read(answer->bytes, answer->length, NULL, &view, &ignored) ||
        !node_open(&endpoint->state, node, &connection, &ignored)) {
        settling->right = false;
        return;
    }
    size_t forgets = queue_forgets(group, &view, connection);
    settling->strangers |= forgets != 0;
    settling->right &= view_is_right(group, &view);
    settling->connections[settling->count] = connection;
    settling->forgets[settling->count++] = forgets;
}

bool graft_settle(struct endpoint *endpoint, const struct group *group) {
    AUTO(node_set_clear) struct node_set set = { 0 };
    AUTO(answers_clear) struct answers views = { 0 };
    const struct question question = { .words = { "CLUSTER", "NODES" } };
    node_set_add_all(&set, &group->nodes);
    nodes_ask(&endpoint->state, set.items, set.count, &question, &views);
    struct settling settling = { .connections = xcalloc(set.count, sizeof(void *)),
                                 .forgets = xcalloc(set.count, sizeof(size_t)),
                                 .right = true };
    for (size_t i = 0; i < set.count; i++)
        look(endpoint, group, set.items[i], views.items[i], &settling);
    forget(settling.connections, settling.forgets, settling.count);
    free(settling.connections);
    free(settling.forgets);
    if (!settling.strangers && group_is_large(group))
        nodes_configure(&endpoint->state, &group->nodes, "hz", "10");
    if (!settling.strangers && !settling.right)
        nodes_configure(&endpoint->state, &group->nodes, "cluster-node-timeout",
                        SETTLING_TIMEOUT_MS);
    return !settling.strangers && settling.right;
}

void graft_end(struct endpoint *endpoint, const struct group *group) {
    nodes_configure(&endpoint->state, &group->nodes, "cluster-node-timeout", CLUSTER_NODE_TIMEOUT);
}
