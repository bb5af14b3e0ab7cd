#include "providers/observe/discover.h"

#include <stdlib.h>
#include <string.h>

#include "providers/redis/cluster.h"
#include "providers/redis/redis.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

struct discovery {
    const struct config_source *source;
    const struct secret *password;
    const struct strings *not_these;
    int64_t deadline_mono_ms;
};

static bool open_at(const struct discovery *discovery, const char *address,
                    struct redis_connection **out, struct error *err) {
    char host[256];
    int64_t left_ms = clock_left_ms(discovery->deadline_mono_ms);
    struct redis_options options = { .host = host,
                                     .username = discovery->source->username,
                                     .password = discovery->password,
                                     .timeout_ms = discovery->source->timeout_ms };
    if (left_ms < options.timeout_ms)
        options.timeout_ms = left_ms;
    return redis_address_parse(address, host, &options.port)
               ? redis_open(&options, out, err)
               : error_set(err, ERROR_FORMAT, "'%s' is not HOST:PORT", address);
}

static bool ask_primary(const struct discovery *discovery, const char *address,
                        struct topology *out, struct error *err) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!open_at(discovery, address, &connection, err) ||
        !redis_call(connection, REDIS_NOW, &reply, err, "INFO", "replication", NULL))
        return false;
    AUTO(info_clear) struct info info = { 0 };
    info_parse(redis_text(reply), strlen(redis_text(reply)), &info);
    topology_of_primary(address, &info, discovery->not_these, out);
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
    const char *announced = own_address(view);
    if (!announced || strcmp(announced, seed) == 0)
        return true;
    AUTO(redis_close) struct redis_connection *connection = NULL;
    if (open_at(discovery, announced, &connection, err))
        return true;
    error_wrap(err, "seed '%s' answers, but not at the address that it announces, '%s'", seed,
               announced);
    return error_hint(err, "run ecmig, and keep the target, where the announced addresses of the "
                           "cluster are reached, or set cluster-announce-ip and -port on it");
}

static bool ask_view(struct redis_connection *connection, struct cluster_view *view,
                     struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *nodes = NULL, *slots = NULL;
    if (redis_call(connection, REDIS_NOW, &nodes, err, "CLUSTER", "NODES", NULL))
        return cluster_nodes_read(redis_text(nodes), strlen(redis_text(nodes)),
                                  redis_host(connection), view, err);
    if (err->code != ERROR_REFUSED)
        return false;
    AUTO(error_clear) struct error again = { 0 };
    if (!redis_call(connection, REDIS_NOW, &slots, &again, "CLUSTER", "SLOTS", NULL))
        return false; /* why the first was refused says more */
    error_clear(err);
    return cluster_slots_read(slots, redis_host(connection), view, err);
}

static bool ask_seed(const struct discovery *discovery, const char *seed, struct topology *out,
                     struct error *err) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    return open_at(discovery, seed, &connection, err) && ask_view(connection, &view, err) &&
           announced_is_there(discovery, seed, &view, err) && topology_of_view(&view, out, err);
}

static bool ask_seeds(const struct discovery *discovery, struct topology *out, struct error *err) {
    const struct strings *seeds = &discovery->source->nodes;
    AUTO(text_clear) struct text problems = { 0 };
    for (size_t i = 0; i < seeds->count; i++) {
        error_clear(err);
        if (ask_seed(discovery, seeds->items[i], out, err))
            return true;
        text_addf(&problems, "%s%s", i ? "; " : "", err->message);
    }
    if (seeds->count == 1)
        return false;
    enum error_code code = err->code;
    return error_set(err, code, "no seed of the cluster is of use: %s", text_string(&problems));
}

bool topology_discover(const struct config_source *source, const struct secret *password,
                       const struct strings *not_these, int64_t deadline_mono_ms,
                       struct topology *out, struct error *err) {
    const struct discovery discovery = { source, password, not_these, deadline_mono_ms };
    switch (source->topology) {
    case TOPOLOGY_CLUSTER:
        return ask_seeds(&discovery, out, err);
    case TOPOLOGY_SENTINEL:
    case TOPOLOGY_STANDALONE:
        break;
    }
    return ask_primary(&discovery, source->nodes.items[0], out, err);
}
