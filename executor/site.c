#include "executor/site.h"

#include <inttypes.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "executor/moment.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

int64_t site_deadline(const struct site *site) {
    return clock_mono_ms() + site->config->source.timeout_ms;
}

static bool open_at(struct site *site, const char *address, const char *name, bool source,
                    struct redis_connection **out, struct error *err) {
    char host[256];
    struct redis_options options = { .host = host,
                                     .timeout_ms = site->config->source.timeout_ms,
                                     .client_name = name };
    if (!redis_address_parse(address, host, &options.port))
        return error_set(err, ERROR_FORMAT, "'%s' is not HOST:PORT", address);
    if (source) {
        options.username = site->config->source.username;
        options.password = site->source_password;
    }
    return redis_open(&options, out, err);
}

static bool open_source_node(struct site *site, const char *address, struct redis_connection **out,
                             struct error *err) {
    AUTO(string_free) char *name = xasprintf("ecmig:%" PRId64, journal_epoch(site->journal));
    return open_at(site, address, name, true, out, err);
}

/* The id of a CLIENT LIST line that is a connection of ecmig; NULL for any other. */
static char *ecmig_id(const char *line, size_t length) {
    AUTO(string_free) char *copy = xstrndup(line, length);
    if (!strstr(copy, " name=ecmig:") || strncmp(copy, "id=", 3) != 0)
        return NULL;
    return xstrndup(copy + 3, strspn(copy + 3, "0123456789"));
}

static bool own_id(struct redis_connection *node, char **out, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (redis_call(node, REDIS_NOW, &reply, err, "CLIENT", "ID", NULL)) {
        *out = xasprintf("%" PRId64, reply->integer);
        return true;
    }
    if (err->code != ERROR_REFUSED)
        return false;
    *out =
        xstrdup(""); /* CLIENT ID is 5.0's: an older server ends ours too unless SKIPME saves it */
    error_clear(err);
    return true;
}

/* Whoever holds the lock ends the connections of whoever held it before. */
static bool end_earlier_connections(struct redis_connection *node, struct error *err) {
    AUTO(string_free) char *own = NULL;
    AUTO(redis_reply_free) struct redis_reply *clients = NULL;
    if (!own_id(node, &own, err) ||
        !redis_call(node, REDIS_NOW, &clients, err, "CLIENT", "LIST", NULL))
        return false;
    const char *line = redis_text(clients);
    while (*line) {
        size_t length = strcspn(line, "\n");
        AUTO(string_free) char *id = ecmig_id(line, length);
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (id && strcmp(id, own) != 0 &&
            !redis_call(node, REDIS_NOW, &reply, err, "CLIENT", "KILL", "ID", id, "SKIPME", "yes",
                        NULL))
            return false;
        line += length + (line[length] == '\n');
    }
    return true;
}

static bool ask_version(struct redis_connection *node, int64_t *version, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_call(node, REDIS_NOW, &reply, err, "INFO", "server", NULL))
        return false;
    AUTO(info_clear) struct info info = { 0 };
    info_parse(redis_text(reply), reply->length, &info);
    const char *text = info_find(&info, "redis_version");
    char *rest = NULL;
    long major = text ? strtol(text, &rest, 10) : 0;
    *version = major * 100 + (rest && *rest == '.' ? strtol(rest + 1, NULL, 10) : 0);
    return true;
}

static bool add_node(struct site *site, const char *address, struct error *err) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    int64_t version = 0;
    if (!open_source_node(site, address, &connection, err) ||
        !end_earlier_connections(connection, err) || !ask_version(connection, &version, err))
        return error_wrap(err, "source node '%s'", address);
    *LIST_ADD(&site->nodes) = (struct site_node){ .address = xstrdup(address),
                                                  .connection = TAKE(connection),
                                                  .is_primary = site->nodes.count == 0,
                                                  .version = version };
    return true;
}

static char *endpoint_text(const struct service_endpoint *endpoint) {
    return endpoint->host ? xasprintf("%s:%" PRId64, endpoint->host, endpoint->port) : NULL;
}

static void learn_target_nodes(struct site *site, const struct replication_group *group) {
    strings_clear(&site->target_nodes);
    for (size_t s = 0; s < group->shards.count; s++) {
        const struct service_shard *shard = &group->shards.items[s];
        for (size_t n = 0; n < shard->nodes.count; n++) {
            AUTO(string_free) char *address = endpoint_text(&shard->nodes.items[n].endpoint);
            if (address)
                strings_add(&site->target_nodes, address);
        }
    }
}

bool site_is_target(const struct site *site, const char *address) {
    for (size_t i = 0; i < site->target_nodes.count; i++)
        if (site_same_address(site->target_nodes.items[i], address))
            return true;
    return false;
}

static bool describe_target(struct site *site, struct replication_group *group, struct error *err) {
    const char *name = site->config->target.replication_group;
    if (!elasticache_describe(site->service, name, clock_mono_ms() + 30000, group, err))
        return false;
    learn_target_nodes(site, group);
    return true;
}

static bool add_replicas(struct site *site, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    if (!redis_call(site->nodes.items[0].connection, REDIS_NOW, &reply, err, "INFO", "replication",
                    NULL))
        return false;
    if (!describe_target(site, &group, err)) {
        if (err->code != ERROR_NOT_FOUND)
            return false;
        error_clear(err);
    }
    AUTO(info_clear) struct info info = { 0 };
    info_parse(redis_text(reply), reply->length, &info);
    AUTO(strings_clear) struct strings replicas = { 0 };
    replication_replicas(&info, &replicas);
    for (size_t i = 0; i < replicas.count; i++)
        if (!site_is_target(site, replicas.items[i]) && !add_node(site, replicas.items[i], err))
            return false;
    return true;
}

bool site_source(struct site *site, struct error *err) {
    if (site->nodes.count)
        return true;
    return add_node(site, site->config->source.nodes.items[0], err) && add_replicas(site, err);
}

/* A lost connection may mean that another process took the source over: it is asked for the lock
 * before a new one is opened. */
static bool revive(struct site *site, struct site_node *node, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *pong = NULL;
    if (node->connection && redis_call(node->connection, REDIS_NOW, &pong, err, "PING", NULL))
        return true;
    if (err->code == ERROR_REFUSED)
        return false;
    error_clear(err);
    redis_close(TAKE(node->connection));
    return journal_confirm_lock(site->journal, 0, err) &&
           open_source_node(site, node->address, &node->connection, err);
}

bool site_primary(struct site *site, struct redis_connection **out, struct error *err) {
    if (!site_source(site, err) || !revive(site, &site->nodes.items[0], err))
        return false;
    *out = site->nodes.items[0].connection;
    return true;
}

int64_t site_version(const struct site *site, const char *address) {
    for (size_t i = 0; i < site->nodes.count; i++)
        if (strcmp(site->nodes.items[i].address, address) == 0)
            return site->nodes.items[i].version;
    return 0;
}

bool site_node(struct site *site, const char *address, struct redis_connection **out,
               struct error *err) {
    if (!site_source(site, err))
        return false;
    for (size_t i = 0; i < site->nodes.count; i++) {
        struct site_node *node = &site->nodes.items[i];
        if (strcmp(node->address, address) != 0)
            continue;
        if (!revive(site, node, err))
            return false;
        *out = node->connection;
        return true;
    }
    return error_set(err, ERROR_NOT_FOUND, "the source has no node '%s' any more", address);
}

bool site_all_nodes(struct site *site, struct error *err) {
    if (!site_source(site, err))
        return false;
    for (size_t i = site->nodes.count; i-- > 0;)
        if (!revive(site, &site->nodes.items[i], err))
            return error_wrap(err, "source node '%s'", site->nodes.items[i].address);
    return true;
}

bool site_target(struct site *site, struct redis_connection **out, struct error *err) {
    if (site->target) {
        AUTO(redis_reply_free) struct redis_reply *pong = NULL;
        if (redis_call(site->target, REDIS_NOW, &pong, err, "PING", NULL)) {
            *out = site->target;
            return true;
        }
        error_clear(err);
        site_forget_target(site);
    }
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    const char *name = site->config->target.replication_group;
    if (!describe_target(site, &group, err))
        return false;
    if (group.shards.count != 1 || !group.shards.items[0].primary.host)
        return error_set(err, ERROR_NOT_FOUND, "group '%s' has no primary endpoint (status %s)",
                         name, group.status ? group.status : "unknown");
    AUTO(string_free) char *address = endpoint_text(&group.shards.items[0].primary);
    if (!open_at(site, address, "ecmig-target", false, &site->target, err))
        return error_wrap(err, "target primary");
    free(site->target_address);
    site->target_address = TAKE(address);
    free(site->target_reader);
    site->target_reader = endpoint_text(&group.shards.items[0].reader);
    *out = site->target;
    return true;
}

void site_forget_target(struct site *site) {
    redis_close(TAKE(site->target));
}

void site_close(struct site *site) {
    if (!site)
        return;
    for (size_t i = 0; i < site->nodes.count; i++) {
        free(site->nodes.items[i].address);
        redis_close(site->nodes.items[i].connection);
    }
    free(site->nodes.items);
    redis_close(site->target);
    free(site->target_address);
    free(site->target_reader);
    strings_clear(&site->target_nodes);
    *site = (struct site){ 0 };
}

bool site_setting(struct redis_connection *node, const char *name, char **value,
                  struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_call(node, REDIS_NOW, &reply, err, "CONFIG", "GET", name, NULL))
        return false;
    if (reply->type != REDIS_ARRAY || reply->count < 2)
        return error_set(err, ERROR_NOT_FOUND, "'%s' has no setting '%s'", redis_name(node), name);
    *value = xstrdup(redis_text(reply->elements[1]));
    return true;
}

bool site_set(struct redis_connection *node, const char *name, const char *value,
              struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(string_free) char *seen = NULL;
    if (!redis_call(node, REDIS_NOW, &reply, err, "CONFIG", "SET", name, value, NULL))
        return false;
    moment("after CONFIG SET");
    if (!site_setting(node, name, &seen, err))
        return false;
    if (strcmp(seen, value) == 0)
        return true;
    return error_set(err, ERROR_FAILED, "'%s' on '%s' reads '%s' after it was set to '%s'", name,
                     redis_name(node), seen, value);
}

bool site_same_address(const char *left, const char *right) {
    if (strcmp(left, right) == 0)
        return true;
    char hosts[2][256];
    uint16_t ports[2];
    if (!redis_address_parse(left, hosts[0], &ports[0]) ||
        !redis_address_parse(right, hosts[1], &ports[1]) || ports[0] != ports[1])
        return false;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found[2] = { NULL, NULL };
    bool equal = false;
    if (getaddrinfo(hosts[0], NULL, &hints, &found[0]) == 0 &&
        getaddrinfo(hosts[1], NULL, &hints, &found[1]) == 0)
        for (struct addrinfo *a = found[0]; a; a = a->ai_next)
            for (struct addrinfo *b = found[1]; b; b = b->ai_next)
                equal |= a->ai_addrlen == b->ai_addrlen && a->ai_family == b->ai_family &&
                         memcmp(a->ai_addr, b->ai_addr, a->ai_addrlen) == 0;
    if (found[0])
        freeaddrinfo(found[0]);
    if (found[1])
        freeaddrinfo(found[1]);
    return equal;
}
