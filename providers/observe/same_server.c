#include "providers/observe/same_server.h"

#include <string.h>

#include "providers/redis/fleet.h"
#include "providers/redis/server.h"
#include "schemas/base/memory.h"

#define CONNECTIONS 3 /* of one balancer in two, one in eight is not noticed */

static void ask(void *context, size_t index, struct redis_connection *connection) {
    (void)context;
    (void)index;
    redis_queue_words(connection, "INFO", "server", NULL);
}

static bool answer(void *context, size_t index, struct redis_connection *connection,
                   struct error *err) {
    struct observed_node *node = context;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(server_info_clear) struct server_info server = { 0 };
    (void)index;
    if (!redis_take(connection, &reply, err))
        return false;
    server_info_read(reply, &server);
    if (server.run_id && node->run_id && !server_is_run(&server, node->run_id))
        node->shares_address = true;
    return true;
}

void observe_same_server(const struct observe_source_options *options, struct observed_node *node) {
    struct fleet_node nodes[CONNECTIONS] = { 0 };
    const struct fleet fleet = { .username = options->config->source.username,
                                 .password = options->password,
                                 .tls = options->tls,
                                 .timeout_ms = options->config->source.timeout_ms,
                                 .ask = ask,
                                 .answer = answer,
                                 .context = node };
    for (size_t i = 0; i < CONNECTIONS; i++)
        nodes[i].address = node->address;
    fleet_ask(&fleet, nodes, CONNECTIONS);
    fleet_nodes_clear(nodes, CONNECTIONS);
}
