/* The servers of a topology, each asked who it is. */
#include "providers/observe/identity.h"

#include <stdlib.h>
#include <string.h>

#include "providers/observe/node.h"
#include "providers/observe/servers.h"
#include "providers/observe/tls_port.h"
#include "providers/redis/fleet.h"
#include "schemas/base/memory.h"

struct asking {
    const struct identity_question *question;
    struct observed_source source;
    size_t first; /* of the nodes that were not asked yet */
};

static void ask(void *context, size_t index, struct redis_connection *connection) {
    (void)context;
    (void)index;
    redis_queue_words(connection, "INFO", NULL);
}

static bool answer(void *context, size_t index, struct redis_connection *connection,
                   struct error *err) {
    struct asking *asking = context;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_take(connection, &reply, err))
        return false;
    if (reply->type != REDIS_STRING)
        return error_set(err, ERROR_REFUSED, "'%s' refuses INFO", redis_name(connection));
    node_read_info(reply->bytes, reply->length, &asking->source.nodes.items[asking->first + index]);
    return true;
}

static void leave_out(const struct strings *not_these, struct observed_node *node) {
    struct strings *list = &node->replicas;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (not_these && strings_has(not_these, list->items[i]))
            free(list->items[i]);
        else
            list->items[kept++] = list->items[i];
    node->target_lines = (int64_t)(list->count - kept);
    list->count = kept;
}

static void ask_new(void *context) {
    struct asking *asking = context;
    struct observed_source *source = &asking->source;
    const struct identity_question *question = asking->question;
    size_t count = source->nodes.count - asking->first;
    struct fleet_node *nodes = xcalloc(count + 1, sizeof *nodes);
    const struct fleet fleet = { .username = question->source->username,
                                 .password = question->password,
                                 .tls = question->tls,
                                 .timeout_ms = question->timeout_ms,
                                 .ask = ask,
                                 .answer = answer,
                                 .context = asking };
    for (size_t i = 0; i < count; i++)
        nodes[i].address = source->nodes.items[asking->first + i].address;
    fleet_ask(&fleet, nodes, count);
    for (size_t i = 0; i < count; i++) {
        struct observed_node *node = &source->nodes.items[asking->first + i];
        node->reachable = nodes[i].problem.code == ERROR_NONE;
        leave_out(question->not_these, node);
        tls_port_addresses(question->source, &node->replicas);
    }
    fleet_nodes_clear(nodes, count);
    free(nodes);
    asking->first = source->nodes.count;
}

static void add(struct observed_source *source, const char *address) {
    struct observed_node *node = LIST_ADD(&source->nodes);
    node->address = xstrdup(address);
}

static void add_members(const struct topology *topology, struct observed_source *source) {
    for (size_t i = 0; i < topology->count; i++) {
        const struct topology_shard *from = &topology->items[i];
        struct observed_shard *shard = LIST_ADD(&source->shards);
        shard->primary = xstrdup(from->primary);
        strings_copy(&shard->replicas, &from->replicas);
        add(source, from->primary);
        for (size_t k = 0; k < from->replicas.count; k++)
            add(source, from->replicas.items[k]);
    }
}

static const struct observed_node *find(const struct observed_source *source, const char *address) {
    for (size_t i = 0; i < source->nodes.count; i++)
        if (strcmp(source->nodes.items[i].address, address) == 0)
            return &source->nodes.items[i];
    return NULL;
}

/* Members stay what the view calls them; what was found besides goes with its shard. */
static void take_shard(const struct observed_source *source, const struct observed_shard *from,
                       bool members_only, struct topology_shard *shard) {
    AUTO(strings_clear) struct strings members = { 0 };
    members = MOVE(shard->replicas);
    for (size_t i = 0; i < from->replicas.count; i++) {
        const char *address = from->replicas.items[i];
        const struct observed_node *node = find(source, address);
        if (node && node->listed_by && !node->reachable)
            strings_add(&shard->unproven, address);
        else
            strings_add(!members_only || strings_has(&members, address) ? &shard->replicas
                                                                        : &shard->others,
                        address);
    }
    const struct observed_node *primary = find(source, from->primary);
    shard->targets_named = primary ? (size_t)primary->target_lines : 0;
    for (size_t i = 0; i < source->strangers.count; i++)
        if (strcmp(source->strangers.items[i].seen_at, from->primary) == 0 ||
            strings_has(&from->replicas, source->strangers.items[i].seen_at))
            strings_add(&shard->unproven, source->strangers.items[i].address);
}

void identity_settle(const struct identity_question *question, struct topology *topology) {
    struct asking asking = { .question = question };
    const struct servers servers = { &asking.source, ask_new, &asking };
    add_members(topology, &asking.source);
    ask_new(&asking);
    servers_settle(&servers);
    for (size_t i = 0; i < topology->count && i < asking.source.shards.count; i++)
        take_shard(&asking.source, &asking.source.shards.items[i],
                   question->source->topology == TOPOLOGY_CLUSTER, &topology->items[i]);
    observed_source_clear(&asking.source);
}
