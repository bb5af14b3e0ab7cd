#include "providers/observe/node.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "providers/observe/engines.h"
#include "providers/observe/unread.h"
#include "providers/observe/uses.h"
#include "providers/redis/clients.h"
#include "providers/redis/server.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/observed/mark.h"

/* What a check or a step reads. Never requirepass, masterauth or anything that holds a secret. */
static const char *const settings[] = {
    "appendonly",
    "bind",
    "client-output-buffer-limit",
    "cluster-preferred-endpoint-type",
    "databases",
    "lua-time-limit",
    "maxmemory",
    "maxmemory-policy",
    "min-replicas-max-lag",
    "min-replicas-to-write",
    "min-slaves-max-lag",
    "min-slaves-to-write",
    "notify-keyspace-events",
    "port",
    "protected-mode",
    "repl-backlog-size",
    "repl-backlog-ttl",
    "repl-diskless-sync",
    "repl-diskless-sync-delay",
    "repl-timeout",
    "timeout",
    "tls-port",
};

/* What the service's nodes call on the source, besides CLIENT, COMMAND, CONFIG and INFO: those are
 * asked here in any case, and COMMAND INFO would list all their subcommands. */
static const char *const needed_commands[] = { "ping", "psync", "replconf", "sync" };

/* Those that change data in every version, as they stand in the replication log. */
static const char *const write_commands[] = {
    "append",
    "decr",
    "decrby",
    "del",
    "expire",
    "expireat",
    "flushall",
    "flushdb",
    "getset",
    "hdel",
    "hincrby",
    "hmset",
    "hset",
    "hsetnx",
    "incr",
    "incrby",
    "linsert",
    "lpop",
    "lpush",
    "lpushx",
    "lrem",
    "lset",
    "ltrim",
    "mset",
    "msetnx",
    "persist",
    "pexpire",
    "pexpireat",
    "rename",
    "renamenx",
    "rpop",
    "rpoplpush",
    "rpush",
    "rpushx",
    "sadd",
    "set",
    "setbit",
    "setex",
    "setnx",
    "setrange",
    "smove",
    "spop",
    "srem",
    "zadd",
    "zincrby",
    "zrem",
    "zremrangebyrank",
    "zremrangebyscore",
};

/* Not INFO all: from 7.0 on that makes each server compute percentiles for every command. */
void node_queue(struct redis_connection *connection) {
    redis_queue_words(connection, "INFO", NULL);
    redis_queue_words(connection, "TIME", NULL);
    redis_queue_words(connection, "INFO", "commandstats", NULL);
    redis_queue_words(connection, "MODULE", "LIST", NULL);
    redis_queue_words(connection, "CLIENT", "SETNAME", USES_OWN_NAME, NULL);
    redis_queue_words(connection, "CLIENT", "LIST", NULL);
    redis_queue_words(connection, "CLIENT", "INFO", NULL);
    redis_queue_words(connection, "ACL", "USERS", NULL);
    const char *words[2 + COUNT(needed_commands) + COUNT(write_commands)] = { "COMMAND", "INFO" };
    memcpy(words + 2, needed_commands, sizeof needed_commands);
    memcpy(words + 2 + COUNT(needed_commands), write_commands, sizeof write_commands);
    redis_queue(connection, COUNT(words), words, NULL);
    for (size_t i = 0; i < COUNT(settings); i++)
        redis_queue_words(connection, "CONFIG", "GET", settings[i], NULL);
}

static void read_databases(const struct server_info *server, struct observed_node *node) {
    node->highest_database = -1;
    for (size_t i = 0; i < server->databases.count; i++) {
        const struct server_database *database = &server->databases.items[i];
        *LIST_ADD(&node->databases) = (struct observed_database){
            .index = database->index,
            .keys = database->keys,
            .expires = database->expires < 0 ? 0 : database->expires,
        };
        node->expiring_field_keys =
            number_sum(node->expiring_field_keys, database->expiring_fields);
        if (database->index > node->highest_database)
            node->highest_database = database->index;
    }
}

static void read_engine(const struct info *info, struct observed_node *node) {
    const char *version = NULL;
    node->engine = xstrdup(engine_of(info, &version));
    node->version = xstrdup(version ? version : "unknown");
}

static void add_module(const char *name, struct observed_node *node) {
    if (name && !strings_has(&node->modules, name))
        strings_add(&node->modules, name);
}

/* INFO has them, too: for whom MODULE LIST is refused. */
static void find_modules(const struct info *info, struct observed_node *node) {
    for (size_t i = 0; i < info->count; i++) {
        if (strcmp(info->items[i].name, "module") != 0)
            continue;
        AUTO(string_free) char *name = info_part(info->items[i].value, "name");
        add_module(name, node);
    }
}

static int64_t or_zero(int64_t number) {
    return number < 0 ? 0 : number;
}

static void read_memory(const struct server_info *server, struct observed_node *node) {
    node->used_memory_bytes = server->used_bytes;
    node->resident_bytes = server->resident_bytes;
    node->not_counted_bytes = server->not_counted_bytes;
    node->backlog_held_bytes = server->backlog_held_bytes;
    node->dataset_bytes = server->dataset_bytes;
    node->maxmemory_bytes = server->maxmemory_bytes;
    node->system_memory_bytes = server->system_bytes;
}

static void read_role(const struct server_info *server, struct observed_node *node) {
    node->role = xstrdup(server->role ? server->role : "unknown");
    node->follows = xstrdup(server->follows);
    node->link_up = server->link_up;
    node->replid = xstrdup(server->replid);
    node->replication_offset = or_zero(server->offset);
    for (size_t i = 0; i < server->replicas.count; i++)
        strings_add(&node->replicas, server->replicas.items[i]);
    strings_sort(&node->replicas);
}

void node_read_info(const char *text, size_t length, struct observed_node *node) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_parse(text, length, &server);
    read_role(&server, node);
    node->run_id = xstrdup(server.run_id);
    node->without_file = server.config_file && !*server.config_file;
    node->cluster_enabled = server.cluster_enabled;
    node->loading = server.loading;
    node->save_failed = server.save_failed;
    read_memory(&server, node);
    node->functions = server.functions;
    node->listens_on = server.listens_on;
    node->last_fork_us = server.last_fork_us;
    node->clients_count = server.clients_count;
    node->write_bytes_per_s = server.input_bytes_per_s;
    read_engine(&server.info, node);
    unread_fields(&server.info, node);
    if (!strstr(text, "# Keyspace"))
        strings_add(&node->unread, "keyspace");
    find_modules(&server.info, node);
    read_databases(&server, node);
}

/* Seconds and microseconds; a user may be refused it. */
static void read_clock(const struct redis_reply *reply, struct observed_node *node) {
    if (reply->type != REDIS_ARRAY || reply->count != 2) {
        strings_add(&node->unread, "TIME");
        return;
    }
    int64_t seconds = number_or(redis_text(reply->elements[0]), 0),
            micros = number_or(redis_text(reply->elements[1]), 0);
    if (seconds > 0)
        node->clock_ahead_ms = number_difference(seconds * 1000 + micros / 1000, clock_wall_ms());
}

/* From 7.0 on each subcommand has a row of its own; one that resets the rows counts itself. */
static bool is_as_started(const struct info *info, const struct observed_node *node) {
    static const char *const changing[] = { "cmdstat_config|set", "cmdstat_config|resetstat",
                                            "cmdstat_acl|setuser", "cmdstat_acl|deluser",
                                            "cmdstat_acl|load" };
    if (strtol(node->version, NULL, 10) < 7)
        return false;
    for (size_t i = 0; i < COUNT(changing); i++)
        if (info_find(info, changing[i]))
            return false;
    return true;
}

/* By how their commands that write begin. */
static const char *module_of(const char *command) {
    static const struct {
        const char *begin, *module;
    } rows[] = {
        { "vadd", "vectorset" }, { "ft.create", "search" }, { "json.", "ReJSON" },
        { "bf.", "bf" },         { "cf.", "bf" },           { "cms.", "bf" },
        { "topk.", "bf" },       { "tdigest.", "bf" },      { "ts.", "timeseries" },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strncasecmp(command, rows[i].begin, strlen(rows[i].begin)) == 0)
            return rows[i].module;
    return NULL;
}

static void note_calls(const struct info_field *field, struct observed_node *node) {
    const char *command = field->name + strlen("cmdstat_");
    int64_t calls = info_part_int(field->value, "calls", 0);
    if (strncmp(field->name, "cmdstat_", strlen("cmdstat_")) != 0 || calls <= 0)
        return;
    const char *module = module_of(command);
    if (module && !strings_has(&node->used_modules, module))
        strings_add(&node->used_modules, module);
    uses_add_calls(command, calls, node);
}

static void read_calls(const struct redis_reply *reply, struct observed_node *node) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    if (reply->type != REDIS_STRING) {
        strings_add(&node->unread, "INFO commandstats");
        return;
    }
    server_info_read(reply, &server);
    node->as_started = is_as_started(&server.info, node);
    for (size_t i = 0; i < server.info.count; i++)
        note_calls(&server.info.items[i], node);
    strings_sort(&node->used_modules);
    node->scripts_used = server_calls(&server, "eval") + server_calls(&server, "evalsha") > 0;
}

/* [[name, ver], …], or maps flattened to lists; a fault (before 4.0) means that there are none. */
static void read_modules(const struct redis_reply *reply, struct observed_node *node) {
    for (size_t i = 0; i < reply->count; i++) {
        const struct redis_reply *module = reply->elements[i];
        for (size_t k = 0; k + 1 < module->count; k += 2)
            if (strcmp(redis_text(module->elements[k]), "name") == 0)
                add_module(redis_text(module->elements[k + 1]), node);
    }
    if (reply->type != REDIS_ARRAY && !node->modules.count && unread_has(node->version, 4, 0))
        strings_add(&node->unread, "MODULE LIST");
    strings_sort(&node->modules);
}

static void read_command(const struct redis_reply *reply, const char *name,
                         struct observed_node *node) {
    if (reply->type == REDIS_FAULT && strstr(reply->bytes, "unknown command"))
        strings_add(&node->missing_commands, name);
}

static bool is_command(const struct redis_reply *reply, size_t index) {
    return reply->type == REDIS_ARRAY && index < reply->count &&
           reply->elements[index]->type == REDIS_ARRAY && reply->elements[index]->count > 0;
}

/* A command that was renamed is a nil here. */
static void read_commands(const struct redis_reply *reply, struct observed_node *node) {
    read_command(reply, "command", node);
    if (reply->type != REDIS_ARRAY)
        strings_add(&node->unread, "COMMAND INFO");
    for (size_t i = 0; i < COUNT(needed_commands); i++)
        if (!is_command(reply, i))
            strings_add(&node->missing_commands, needed_commands[i]);
    /* Who may not ask is told so by the others. */
    for (size_t i = 0; reply->type == REDIS_ARRAY && i < COUNT(write_commands); i++)
        if (!is_command(reply, COUNT(needed_commands) + i))
            strings_add(&node->missing_writes, write_commands[i]);
}

static void read_setting(const struct redis_reply *reply, const char *name,
                         struct observed_node *node) {
    if (reply->type != REDIS_ARRAY)
        return;
    node->config_readable = true;
    const char *value = server_setting(reply, name);
    if (value)
        pairs_set(&node->settings, name, value);
}

static bool read_settings(struct redis_connection *connection, struct observed_node *node,
                          struct error *err) {
    for (size_t i = 0; i < COUNT(settings); i++) {
        AUTO(redis_reply_free) struct redis_reply *setting = NULL;
        if (!redis_take(connection, &setting, err))
            return false;
        if (i == 0)
            read_command(setting, "config", node);
        read_setting(setting, settings[i], node);
    }
    return true;
}

/* Where our own connection arrived, against where it was made to. Before 6.2 nobody tells. */
static void read_arrival(const struct redis_connection *connection, const struct redis_reply *reply,
                         struct observed_node *node) {
    AUTO(strings_clear) struct strings dialed = { 0 };
    AUTO(clients_clear) struct clients own = { 0 };
    clients_read(reply, &own);
    if (!own.count || !*own.items[0].arrived_at)
        return;
    node->answers_at = TAKE(own.items[0].arrived_at);
    redis_address_resolve(redis_host(connection), redis_port(connection), &dialed);
    node->is_translated = dialed.count && !strings_has(&dialed, node->answers_at);
}

static void read_connections(const struct redis_reply *reply, struct observed_node *node) {
    AUTO(clients_clear) struct clients connected = { 0 };
    if (reply->type != REDIS_STRING)
        strings_add(&node->unread, "CLIENT LIST");
    clients_read(reply, &connected);
    for (size_t i = 0; i < connected.count; i++) {
        mark_connection_add(connected.items[i].name, &node->ecmig_connections);
        uses_add_connection(&connected.items[i], node);
    }
    strings_sort(&node->ecmig_connections);
}

bool node_take(struct redis_connection *connection, struct observed_node *node, struct error *err) {
    AUTO(redis_reply_free)
    struct redis_reply *info = NULL, *time = NULL, *calls = NULL, *modules = NULL, *name = NULL,
                       *clients = NULL, *own = NULL, *users = NULL, *commands = NULL;
    if (!redis_take(connection, &info, err) || !redis_take(connection, &time, err) ||
        !redis_take(connection, &calls, err) || !redis_take(connection, &modules, err) ||
        !redis_take(connection, &name, err) || !redis_take(connection, &clients, err) ||
        !redis_take(connection, &own, err) || !redis_take(connection, &users, err) ||
        !redis_take(connection, &commands, err))
        return false;
    if (info->type == REDIS_FAULT) {
        error_set(err, ERROR_REFUSED, "'%s' refuses INFO: %s", redis_name(connection), info->bytes);
        AUTO(string_free) char *code = xstrndup(info->bytes, strcspn(info->bytes, " "));
        return error_remote(err, code);
    }
    node_read_info(redis_text(info), info->length, node);
    read_clock(time, node);
    read_calls(calls, node);
    read_modules(modules, node);
    read_command(name, "client", node);
    read_connections(clients, node);
    uses_read_users(users, node);
    read_arrival(connection, own, node);
    read_commands(commands, node);
    if (!read_settings(connection, node, err))
        return false;
    strings_sort(&node->missing_commands);
    strings_sort(&node->unread);
    return true;
}
