#include "providers/observe/discover.h"

#include <string.h>

#include "providers/observe/identity.h"
#include "providers/observe/seeds.h"
#include "providers/observe/tls_port.h"
#include "providers/redis/redis.h"
#include "providers/redis/server.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static int64_t timeout_ms(const struct discovery *discovery) {
    int64_t left_ms = clock_left_ms(discovery->deadline_mono_ms);
    return left_ms < discovery->source->timeout_ms ? left_ms : discovery->source->timeout_ms;
}

static bool open_at(const struct discovery *discovery, const char *address,
                    struct redis_connection **out, struct error *err) {
    char host[256];
    struct redis_options options = { .host = host,
                                     .username = discovery->source->username,
                                     .password = discovery->password,
                                     .tls = discovery->tls,
                                     .timeout_ms = timeout_ms(discovery),
                                     .ceiling_bytes = REDIS_FACTS_CEILING_BYTES };
    return redis_address_parse(address, host, &options.port)
               ? redis_open(&options, out, err)
               : error_set(err, ERROR_FORMAT, "'%s' is not HOST:PORT", address);
}

static bool ask_primary(const struct discovery *discovery, const char *address, bool must_be_one,
                        struct topology *out, struct error *err) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!open_at(discovery, address, &connection, err) ||
        !redis_call(connection, REDIS_NOW, &reply, err, "INFO", "replication", NULL))
        return false;
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_read(reply, &server);
    if (must_be_one && !server.is_primary) {
        error_set(err, ERROR_CONFLICT,
                  "the Sentinels call '%s' the primary, but it reports that it is not", address);
        return error_hint(err, "wait until the failover is complete, then run the command again");
    }
    topology_of_primary(address, &server.replicas, discovery->not_these, out);
    strings_clear(&out->items[0].replicas); /* who they are is asked later: identity_settle */
    return true;
}

static const char *own_address(const struct cluster_view *view) {
    for (size_t i = 0; i < view->count; i++)
        if (view->items[i].flags & CLUSTER_MYSELF)
            return view->items[i].address;
    return NULL;
}

/* Behind a translation of addresses the seed answers, and nobody where the cluster says it is. */
static bool announced_is_there(const struct discovery *discovery, const char *seed,
                               const struct cluster_view *view, struct error *err) {
    if (!own_address(view))
        return true;
    AUTO(string_free) char *announced = tls_port_address(discovery->source, own_address(view));
    if (strcmp(announced, seed) == 0)
        return true;
    AUTO(redis_close) struct redis_connection *connection = NULL;
    if (open_at(discovery, announced, &connection, err))
        return true;
    error_wrap(err, "seed '%s' answers, but not at the address that it announces, '%s'", seed,
               announced);
    return error_hint(err, "run ecmig, and place the target, where the announced addresses of the "
                           "cluster can be reached, or set cluster-announce-ip and -port on it");
}

static bool ask_seeds(const struct discovery *discovery, const struct seed_question *question,
                      struct topology *out, struct error *err) {
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    const char *seed = NULL;
    if (!seeds_view(question, &view, &seed, err) ||
        !announced_is_there(discovery, seed, &view, err) || !topology_of_view(&view, out, err))
        return false;
    tls_port_topology(discovery->source, out);
    return true;
}

/* The primary is asked too: it may not know yet that it is one, or no longer be one. */
static bool ask_sentinels(const struct discovery *discovery, const struct seed_question *question,
                          struct topology *out, struct error *err) {
    AUTO(sentinels_clear) struct sentinels sentinels = { 0 };
    AUTO(topology_clear) struct topology agreed = { 0 }, own = { 0 };
    sentinels_ask(question, &sentinels);
    if (!sentinels_agree(&sentinels, discovery->not_these, &agreed, err))
        return false;
    tls_port_topology(discovery->source, &agreed);
    if (!ask_primary(discovery, agreed.items[0].primary, true, &own, err))
        return false;
    struct topology_shard *shard = &own.items[0];
    strings_copy(&shard->replicas, &agreed.items[0].replicas);
    topology_clear(out);
    *out = MOVE(own);
    return true;
}

static bool discover(const struct discovery *discovery, struct topology *out, struct error *err) {
    const struct config_source *source = discovery->source;
    const struct seed_question question = { source, discovery->password, discovery->tls,
                                            timeout_ms(discovery) };
    switch (source->topology) {
    case TOPOLOGY_CLUSTER:
        return ask_seeds(discovery, &question, out, err);
    case TOPOLOGY_SENTINEL:
        return ask_sentinels(discovery, &question, out, err);
    case TOPOLOGY_STANDALONE:
        break;
    }
    return ask_primary(discovery, source->nodes.items[0], false, out, err);
}

bool topology_discover(const struct discovery *discovery, struct topology *out, struct error *err) {
    if (!discover(discovery, out, err))
        return false;
    const struct identity_question identity = { discovery->source, discovery->password,
                                                discovery->tls, discovery->not_these,
                                                timeout_ms(discovery) };
    identity_settle(&identity, out);
    return true;
}
