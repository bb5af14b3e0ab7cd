/* CLUSTER SLOTS (from 3.0) and CLUSTER SHARDS (from 7.0): nested lists. */
#include <string.h>

#include "providers/redis/cluster.h"
#include "schemas/base/memory.h"

struct reading {
    const char *command, *asked_host;
    struct cluster_view view;
};

static void reading_clear(struct reading *reading) {
    cluster_view_clear(&reading->view);
}
AUTO_VALUE(struct reading, reading_clear)

static bool wrong(const struct reading *reading, const char *what, struct error *err) {
    return error_set(err, ERROR_FORMAT, "the answer to %s has %s", reading->command, what);
}

static const struct redis_reply *at(const struct redis_reply *reply, size_t index) {
    return reply && reply->type == REDIS_ARRAY && index < reply->count ? reply->elements[index]
                                                                       : NULL;
}

static bool is_integer(const struct redis_reply *reply, int64_t ceiling) {
    return reply && reply->type == REDIS_INTEGER && reply->integer >= 0 &&
           reply->integer <= ceiling;
}

/* The value behind a name in a flattened map. */
static const struct redis_reply *member_of(const struct redis_reply *map, const char *name) {
    for (size_t i = 0; map && map->type == REDIS_ARRAY && i + 1 < map->count; i += 2)
        if (strcmp(redis_text(map->elements[i]), name) == 0)
            return map->elements[i + 1];
    return NULL;
}

static bool add_range(const struct redis_reply *first, const struct redis_reply *last,
                      struct slots *slots) {
    if (!is_integer(first, SLOT_COUNT - 1) || !is_integer(last, SLOT_COUNT - 1) ||
        first->integer > last->integer)
        return false;
    slots_add(slots, (int)first->integer, (int)last->integer);
    return true;
}

struct place {
    const char *ip, *host_name;
    int64_t port;
};

static char *place_text(const struct reading *reading, const struct place *place) {
    const char *host = *place->ip ? place->ip : place->host_name;
    if (strcmp(host, "?") == 0 || place->port == 0)
        return NULL;
    AUTO(string_free)
    char *text = redis_address_text(*host ? host : reading->asked_host, (uint16_t)place->port);
    char checked[256];
    uint16_t port;
    return redis_address_parse(text, checked, &port) ? TAKE(text) : NULL;
}

/* A member may be in many ranges; before 4.0 it has no id there, and its address has to do. */
static struct cluster_member *add_member(struct reading *reading, const char *id,
                                         const struct place *place, struct error *err) {
    if (strlen(id) >= CLUSTER_ID_BYTES) {
        (void)wrong(reading, "an id that is too long", err);
        return NULL;
    }
    AUTO(string_free) char *address = place_text(reading, place);
    for (size_t i = 0; i < reading->view.count; i++) {
        struct cluster_member *old = &reading->view.items[i];
        if (*id ? strcmp(old->id, id) == 0
                : address && old->address && strcmp(old->address, address) == 0)
            return old;
    }
    if (reading->view.count == CLUSTER_MEMBER_CEILING_COUNT) {
        error_set(err, ERROR_LIMIT, "the cluster has more than %d members",
                  CLUSTER_MEMBER_CEILING_COUNT);
        return NULL;
    }
    struct cluster_member *member = LIST_ADD(&reading->view);
    memcpy(member->id, id, strlen(id));
    if (!*id) /* any that no other has: its place in the list */
        for (size_t i = 0, left = reading->view.count; i < 4; i++, left >>= 4)
            member->id[i] = "0123456789abcdef"[left & 15];
    member->flags = address ? 0 : CLUSTER_NO_ADDRESS;
    member->address = TAKE(address);
    if (*place->host_name)
        member->host_name = xstrdup(place->host_name);
    return member;
}

/* [ip or preferred name, port, id (4.0), [hostname, …, ip, …] (7.0)]; ip is nil or "" for "where
 * you asked", in front of a name it is among the rest. */
static struct cluster_member *add_slots_member(struct reading *reading,
                                               const struct redis_reply *node, struct error *err) {
    const struct redis_reply *port = at(node, 1), *more = at(node, 3);
    if (!is_integer(port, UINT16_MAX)) {
        (void)wrong(reading, "a member without a port", err);
        return NULL;
    }
    const char *ip = redis_text(member_of(more, "ip"));
    struct place place = { .ip = *ip ? ip : redis_text(at(node, 0)),
                           .host_name = redis_text(member_of(more, "hostname")),
                           .port = port->integer };
    return add_member(reading, redis_text(at(node, 2)), &place, err);
}

static bool add_slots_row(struct reading *reading, const struct redis_reply *row,
                          struct error *err) {
    char primary_id[CLUSTER_ID_BYTES] = "";
    if (row->type != REDIS_ARRAY || row->count < 3)
        return wrong(reading, "a range without members", err);
    for (size_t i = 2; i < row->count; i++) {
        struct cluster_member *member = add_slots_member(reading, row->elements[i], err);
        if (!member)
            return false;
        if (i == 2) {
            memcpy(primary_id, member->id, sizeof primary_id);
            member->flags |= CLUSTER_PRIMARY;
            if (!add_range(row->elements[0], row->elements[1], &member->slots))
                return wrong(reading, "an invalid range", err);
        } else {
            member->flags |= CLUSTER_REPLICA;
            memcpy(member->primary_id, primary_id, sizeof primary_id);
        }
    }
    return true;
}

static void hand_over(struct reading *reading, struct cluster_view *out) {
    cluster_view_clear(out);
    *out = MOVE(reading->view);
}

bool cluster_slots_read(const struct redis_reply *reply, const char *asked_host,
                        struct cluster_view *out, struct error *err) {
    AUTO(reading_clear)
    struct reading reading = { .command = "CLUSTER SLOTS", .asked_host = asked_host };
    if (reply->type != REDIS_ARRAY || reply->count > SLOT_COUNT)
        return wrong(&reading, "no list of ranges", err);
    for (size_t i = 0; i < reply->count; i++)
        if (!add_slots_row(&reading, reply->elements[i], err))
            return false;
    hand_over(&reading, out);
    return true;
}

static struct cluster_member *add_shards_member(struct reading *reading,
                                                const struct redis_reply *node, struct error *err) {
    const struct redis_reply *port = member_of(node, "port"),
                             *tls_port = member_of(node, "tls-port");
    if (!is_integer(port, UINT16_MAX))
        port = tls_port;
    const char *ip = redis_text(member_of(node, "ip"));
    struct place place = { .ip = *ip ? ip : redis_text(member_of(node, "endpoint")),
                           .host_name = redis_text(member_of(node, "hostname")),
                           .port = is_integer(port, UINT16_MAX) ? port->integer : 0 };
    const char *id = redis_text(member_of(node, "id"));
    if (!*id) {
        (void)wrong(reading, "a member without an id", err);
        return NULL;
    }
    struct cluster_member *member = add_member(reading, id, &place, err);
    if (!member)
        return NULL;
    bool primary = strcmp(redis_text(member_of(node, "role")), "master") == 0;
    member->flags |= primary ? CLUSTER_PRIMARY : CLUSTER_REPLICA;
    if (strcmp(redis_text(member_of(node, "health")), "fail") == 0)
        member->flags |= CLUSTER_FAILING;
    return member;
}

static bool add_shard(struct reading *reading, const struct redis_reply *shard, struct error *err) {
    const struct redis_reply *ranges = member_of(shard, "slots"),
                             *nodes = member_of(shard, "nodes");
    struct slots slots = { 0 };
    if (!ranges || !nodes || nodes->type != REDIS_ARRAY)
        return wrong(reading, "a shard without slots or nodes", err);
    for (size_t i = 0; ranges->type == REDIS_ARRAY && i < ranges->count; i += 2)
        if (!add_range(at(ranges, i), at(ranges, i + 1), &slots))
            return wrong(reading, "an invalid range", err);
    char primary_id[CLUSTER_ID_BYTES] = "";
    size_t first = reading->view.count;
    for (size_t i = 0; i < nodes->count; i++) {
        struct cluster_member *member = add_shards_member(reading, nodes->elements[i], err);
        if (!member)
            return false;
        /* A primary that has lost its shard to a replica stays in the list for a while. */
        if (member->flags & CLUSTER_PRIMARY && (!*primary_id || !(member->flags & CLUSTER_FAILING)))
            memcpy(primary_id, member->id, sizeof primary_id);
    }
    for (size_t i = first; i < reading->view.count; i++) {
        struct cluster_member *member = &reading->view.items[i];
        if (strcmp(member->id, primary_id) == 0)
            slots_add_all(&member->slots, &slots);
        else if (member->flags & CLUSTER_REPLICA)
            memcpy(member->primary_id, primary_id, sizeof primary_id);
    }
    return true;
}

bool cluster_shards_read(const struct redis_reply *reply, const char *asked_host,
                         struct cluster_view *out, struct error *err) {
    AUTO(reading_clear)
    struct reading reading = { .command = "CLUSTER SHARDS", .asked_host = asked_host };
    if (reply->type != REDIS_ARRAY || reply->count > SLOT_COUNT)
        return wrong(&reading, "no list of shards", err);
    for (size_t i = 0; i < reply->count; i++)
        if (!add_shard(&reading, reply->elements[i], err))
            return false;
    hand_over(&reading, out);
    return true;
}
