#include "providers/local/service/customer.h"

#include <stdlib.h>
#include <string.h>

#include "providers/local/service/graft.h"
#include "providers/local/state/engines.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define SOURCE_ANSWER_MS 1000
/* What the service's nodes need of the customer's server, as far as one may ask for it. */
static const char *const needed_commands[] = { "psync", "replconf", "info", "ping" };

bool customer_open(const char *host, int64_t port, struct redis_connection **out,
                   struct error *err) {
    struct redis_options options = {
        .host = host,
        .port = (uint16_t)port,
        .timeout_ms = SOURCE_ANSWER_MS,
    };
    return redis_open(&options, out, err);
}

/* A value of the source's settings; NULL where it does not say. The caller frees. */
static char *source_setting(struct redis_connection *source, const char *name) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    if (!redis_call(source, REDIS_NOW, &reply, &ignored, "CONFIG", "GET", name, NULL) ||
        !server_setting(reply, name))
        return NULL;
    return xstrdup(server_setting(reply, name));
}

/* Protected mode refuses every peer but loopback ones, which ours all are: it is read, and then
 * refused as it would be for the service's nodes. */
bool customer_is_protected(struct redis_connection *source) {
    AUTO(string_free) char *mode = source_setting(source, "protected-mode");
    return mode && strcmp(mode, "yes") == 0;
}

static bool source_commands(struct redis_connection *source, struct error *err) {
    for (size_t i = 0; i < COUNT(needed_commands); i++) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!redis_call(source, REDIS_NOW, &reply, err, "COMMAND", "INFO", needed_commands[i],
                        NULL))
            return false;
        if (reply->count == 1 && reply->elements[0]->type == REDIS_NIL)
            return error_set(err, ERROR_REFUSED, "command %s is not available", needed_commands[i]);
    }
    return true;
}

static const char *target_databases(struct state *state, const struct group *group) {
    const struct parameter_group *own = state_parameter_group(state, group->parameter_group);
    const char *value = own ? pairs_find(&own->values, "databases") : NULL;
    return value ? value : parameter_find("databases")->value;
}

bool customer_info(struct redis_connection *source, struct server_info *out, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_call(source, REDIS_NOW, &reply, err, "INFO", NULL))
        return false;
    server_info_read(reply, out);
    return true;
}

bool customer_mode_fits(struct redis_connection *source, const struct group *group,
                        struct error *err) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    if (!customer_info(source, &server, err))
        return false;
    bool cluster = server.cluster_enabled;
    return cluster == group->cluster ||
           error_set(err, ERROR_BLOCKED, "source has cluster mode %s, target has it %s",
                     cluster ? "enabled" : "disabled", group->cluster ? "enabled" : "disabled");
}

bool customer_view(struct redis_connection *source, struct cluster_view *out, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    return redis_call(source, REDIS_NOW, &reply, err, "CLUSTER", "NODES", NULL) &&
           cluster_nodes_read(reply->bytes, reply->length, redis_host(source), out, err);
}

static bool server_is_fit(struct redis_connection *source, struct error *err) {
    if (customer_is_protected(source))
        return error_set(err, ERROR_REFUSED, "source is in protected mode");
    return source_commands(source, err);
}

static bool databases_fit(struct redis_connection *source, struct state *state,
                          const struct group *group, struct error *err) {
    AUTO(string_free) char *databases = source_setting(source, "databases");
    return !databases || strcmp(databases, target_databases(state, group)) == 0 ||
           error_set(err, ERROR_REFUSED, "number of databases differs");
}

static bool primary_is_fit(const struct cluster_member *primary, struct error *err) {
    AUTO(redis_close) struct redis_connection *source = NULL;
    char host[256];
    uint16_t port = 0;
    if (!primary->address || !redis_address_parse(primary->address, host, &port))
        return error_set(err, ERROR_REFUSED, "a primary of the source has no address");
    return customer_open(host, port, &source, err) && server_is_fit(source, err);
}

static bool cluster_is_fit(struct redis_connection *source, const struct group *group,
                           struct error *err) {
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    AUTO(graft_pairs_clear) struct graft_pairs pairs = { 0 };
    if (!customer_view(source, &view, err) || !graft_pair(&view, &group->shards, &pairs, err))
        return false;
    for (size_t i = 0; i < pairs.count; i++)
        if (!primary_is_fit(pairs.items[i], err))
            return false;
    return true;
}

bool customer_is_fit(struct state *state, const struct group *group, struct error *err) {
    AUTO(redis_close) struct redis_connection *source = NULL;
    const struct migration *migration = &group->migration;
    if (!customer_open(migration->host, migration->port, &source, err) ||
        !customer_mode_fits(source, group, err))
        return false;
    if (group->cluster)
        return cluster_is_fit(source, group, err);
    return server_is_fit(source, err) && databases_fit(source, state, group, err);
}
