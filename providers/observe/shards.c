#include "providers/observe/shards.h"

#include <stdlib.h>
#include <string.h>

#include "providers/redis/fleet.h"
#include "providers/redis/server.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/base/slots.h"

/* The service does not say who is primary; INFO does. */
struct member {
    const char *address;
    size_t shard;
    struct target_state state;
};

struct members {
    struct member *items;
    size_t count;
};

static void members_clear(struct members *members) {
    for (size_t i = 0; i < members->count; i++)
        target_state_clear(&members->items[i].state);
    free(members->items);
}
AUTO_VALUE(struct members, members_clear)

void target_state_read(const struct redis_reply *reply, struct target_state *out) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_read(reply, &server);
    int64_t offset = server.follows ? server.applied_offset : server.offset;
    target_state_clear(out);
    out->follows = TAKE(server.follows);
    out->role = TAKE(server.role);
    out->link_status = TAKE(server.link_status);
    out->used_memory_bytes = server.used_bytes;
    out->replication_offset = offset < 0 ? 0 : offset;
    for (size_t i = 0; i < server.databases.count; i++)
        out->keys = number_sum(out->keys, server.databases.items[i].keys);
}

void target_state_clear(struct target_state *state) {
    free(state->role);
    free(state->follows);
    free(state->link_status);
    *state = (struct target_state){ 0 };
}

static void ask(void *context, size_t index, struct redis_connection *connection) {
    (void)context;
    (void)index;
    redis_queue_words(connection, "INFO", NULL);
}

static bool answer(void *context, size_t index, struct redis_connection *connection,
                   struct error *err) {
    struct members *members = context;
    struct member *member = &members->items[index];
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_take(connection, &reply, err))
        return false;
    if (reply->type != REDIS_STRING)
        return error_set(err, ERROR_REFUSED, "%s refuses INFO", member->address);
    target_state_read(reply, &member->state);
    return true;
}

static char *slots_of(const char *text) {
    AUTO(error_clear) struct error err = { 0 };
    struct slots slots;
    return text && slots_parse(text, strlen(text), &slots, &err) ? slots_text(&slots)
                                                                 : xstrdup(text);
}

/* Addresses are owned by the observation's lists, which no longer move. */
static void list_members(const struct replication_group *group, struct observed_target *out,
                         struct members *members) {
    for (size_t s = 0; s < group->shards.count; s++) {
        const struct service_shard *from = &group->shards.items[s];
        struct observed_target_shard *shard = LIST_ADD(&out->shard_list);
        shard->id = xstrdup(from->id ? from->id : "");
        shard->slots = slots_of(from->slots);
        for (size_t n = 0; n < from->nodes.count; n++) {
            const struct service_endpoint *at = &from->nodes.items[n].endpoint;
            AUTO(string_free)
            char *address = at->host ? redis_address_text(at->host, (uint16_t)at->port) : NULL;
            if (address)
                strings_add(&shard->nodes, address);
        }
        strings_sort(&shard->nodes);
        for (size_t n = 0; n < shard->nodes.count; n++)
            *LIST_ADD(members) = (struct member){ .address = shard->nodes.items[n], .shard = s };
    }
}

/* The one that follows nobody of its group. */
static bool is_primary(const struct member *member, const struct observed_target *target) {
    const struct target_state *state = &member->state;
    const struct observed_target_shard *shard = &target->shard_list.items[member->shard];
    return state->role &&
           (!state->follows || (!strings_has(&shard->nodes, state->follows) &&
                                !strings_has(&target->node_addresses, state->follows)));
}

static void take_primary(struct member *member, struct observed_target *target) {
    struct target_state *state = &member->state;
    struct observed_target_shard *shard = &target->shard_list.items[member->shard];
    shard->role = TAKE(state->role);
    shard->replicates_from = TAKE(state->follows);
    shard->link_status = TAKE(state->link_status);
    string_replace(&shard->problem, NULL);
    shard->keys = state->keys;
    shard->used_memory_bytes = state->used_memory_bytes;
    shard->replication_offset = state->replication_offset;
    target->keys += state->keys;
    target->used_memory_bytes = number_sum(target->used_memory_bytes, state->used_memory_bytes);
}

static void add_problem(struct observed_target_shard *shard, const char *problem) {
    AUTO(string_free) char *before = shard->problem;
    shard->problem = before ? xasprintf("%s; %s", before, problem) : xstrdup(problem);
}

/* A shard is known once its primary has answered; what is wrong with a replica does not matter
 * here.
 */
static void settle(struct members *members, const struct fleet_node *nodes,
                   struct observed_target *out) {
    for (size_t i = 0; i < members->count; i++)
        if (nodes[i].problem.code != ERROR_NONE)
            add_problem(&out->shard_list.items[members->items[i].shard], nodes[i].problem.message);
    for (size_t i = 0; i < members->count; i++) {
        const struct observed_target_shard *shard = &out->shard_list.items[members->items[i].shard];
        if (nodes[i].problem.code == ERROR_NONE && !shard->role &&
            is_primary(&members->items[i], out))
            take_primary(&members->items[i], out);
    }
    out->node_reachable = true;
    for (size_t s = 0; s < out->shard_list.count; s++) {
        struct observed_target_shard *shard = &out->shard_list.items[s];
        if (shard->role)
            continue;
        if (!shard->problem)
            shard->problem =
                xstrdup(shard->nodes.count ? "none of its nodes reports that it is the primary"
                                           : "its nodes have no addresses yet");
        if (out->node_reachable)
            out->node_problem = xasprintf("shard %s: %s", shard->id, shard->problem);
        out->node_reachable = false;
    }
    out->holds_keys = out->keys > 0;
}

void observe_shards(const struct replication_group *group, const struct redis_access *access,
                    int64_t timeout_ms, struct observed_target *out) {
    AUTO(members_clear) struct members members = { 0 };
    list_members(group, out, &members);
    struct fleet_node *nodes = xcalloc(members.count + 1, sizeof *nodes);
    for (size_t i = 0; i < members.count; i++)
        nodes[i].address = members.items[i].address;
    const struct fleet fleet = { .username = access->username,
                                 .password = access->password,
                                 .tls = access->tls,
                                 .timeout_ms = timeout_ms,
                                 .ask = ask,
                                 .answer = answer,
                                 .context = &members };
    fleet_ask(&fleet, nodes, members.count);
    settle(&members, nodes, out);
    fleet_nodes_clear(nodes, members.count);
    free(nodes);
}
