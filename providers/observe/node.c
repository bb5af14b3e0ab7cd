#include "providers/observe/node.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "providers/observe/engines.h"
#include "providers/observe/unread.h"
#include "providers/redis/info.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/observed/mark.h"
#include "schemas/observed/newer_writes.h"

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
    redis_queue_words(connection, "CLIENT", "GETNAME", NULL);
    redis_queue_words(connection, "CLIENT", "LIST", NULL);
    redis_queue_words(connection, "CLIENT", "INFO", NULL);
    const char *words[2 + COUNT(needed_commands) + COUNT(write_commands)] = { "COMMAND", "INFO" };
    memcpy(words + 2, needed_commands, sizeof needed_commands);
    memcpy(words + 2 + COUNT(needed_commands), write_commands, sizeof write_commands);
    redis_queue(connection, COUNT(words), words, NULL);
    for (size_t i = 0; i < COUNT(settings); i++)
        redis_queue_words(connection, "CONFIG", "GET", settings[i], NULL);
}

static int64_t count_calls(const struct info *info, const char *field) {
    const char *value = info_find(info, field);
    return value ? info_part_int(value, "calls", 0) : 0;
}

static void read_databases(const struct info *info, struct observed_node *node) {
    node->highest_database = -1;
    for (size_t i = 0; i < info->count; i++) {
        const char *name = info->items[i].name, *value = info->items[i].value;
        if (strncmp(name, "db", 2) != 0)
            continue;
        int64_t index = number_or(name + 2, -1);
        if (index < 0 || !strstr(value, "keys="))
            continue;
        *LIST_ADD(&node->databases) = (struct observed_database){
            .index = index,
            .keys = info_part_int(value, "keys", 0),
            .expires = info_part_int(value, "expires", 0),
        };
        int64_t expiring = info_part_int(value, "keys_with_volatile_items", 0) +
                           info_part_int(value, "subexpiry", 0);
        node->expiring_field_keys = number_sum(node->expiring_field_keys, expiring);
        if (index > node->highest_database)
            node->highest_database = index;
    }
}

static void read_engine(const struct info *info, struct observed_node *node) {
    const char *version = NULL;
    node->engine = xstrdup(engine_of(info, &version));
    node->version = xstrdup(version ? version : "unknown");
}

static void add_address(const char *host, int64_t port, struct strings *out) {
    AUTO(string_free) char *address = redis_address_text(host, (uint16_t)port);
    strings_add(out, address);
}

static void read_replicas(const struct info *info, struct observed_node *node) {
    for (size_t i = 0; i < 1000; i++) {
        AUTO(string_free) char *field = xasprintf("slave%zu", i);
        const char *value = info_find(info, field);
        if (!value)
            break;
        AUTO(string_free) char *host = info_part(value, "ip");
        int64_t port = info_part_int(value, "port", 0);
        if (host && port > 0) /* 0: it reads the log, as a backup does, and is no server */
            add_address(host, port, &node->replicas);
    }
    strings_sort(&node->replicas);
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

/* From 7.0 on the backlog shares its blocks with the replicas' buffers, which count up to its size;
 * before, it is allocated whole when it is first needed. */
static int64_t backlog_held(const struct info *info) {
    int64_t size = info_int(info, "repl_backlog_size", 0);
    int64_t shared = info_int(info, "mem_total_replication_buffers", -1);
    if (shared < 0)
        return info_int(info, "repl_backlog_active", 0) == 1 ? size : 0;
    return shared < size ? shared : size;
}

static void read_memory(const struct info *info, struct observed_node *node) {
    node->used_memory_bytes = info_int(info, "used_memory", 0);
    node->resident_bytes = info_int(info, "used_memory_rss", 0);
    node->not_counted_bytes = info_int(info, "mem_not_counted_for_evict", 0);
    node->backlog_held_bytes = backlog_held(info);
    node->dataset_bytes = info_int(info, "used_memory_dataset", 0);
    node->maxmemory_bytes = info_int(info, "maxmemory", 0);
    node->system_memory_bytes = info_int(info, "total_system_memory", 0);
}

void node_read_info(const char *text, size_t length, struct observed_node *node) {
    AUTO(info_clear) struct info info = { 0 };
    info_parse(text, length, &info);
    const char *role = info_find(&info, "role"), *host = info_find(&info, "master_host");
    const char *save = info_find(&info, "rdb_last_bgsave_status");
    const char *link = info_find(&info, "master_link_status");
    const char *file = info_find(&info, "config_file");
    node->role = xstrdup(role ? role : "unknown");
    if (host)
        node->follows = redis_address_text(host, (uint16_t)info_int(&info, "master_port", 0));
    node->link_up = link && strcmp(link, "up") == 0;
    node->run_id = xstrdup(info_find(&info, "run_id"));
    node->replid = xstrdup(info_find(&info, "master_replid"));
    node->without_file = file && !*file;
    node->cluster_enabled = info_int(&info, "cluster_enabled", 0) == 1;
    node->loading = info_int(&info, "loading", 0) == 1;
    node->save_failed = save && strcmp(save, "ok") != 0;
    read_memory(&info, node);
    node->replication_offset = info_int(&info, "master_repl_offset", 0);
    node->functions =
        info_int(&info, "number_of_libraries", info_int(&info, "number_of_functions", 0));
    node->listens_on = info_int(&info, "tcp_port", 0);
    node->last_fork_us = info_int(&info, "latest_fork_usec", 0);
    node->clients_count = info_int(&info, "connected_clients", 0);
    const char *rate = info_find(&info, "instantaneous_input_kbps");
    node->write_bytes_per_s = rate ? number_of_double(strtod(rate, NULL) * 1024.0) : 0;
    read_engine(&info, node);
    unread_fields(&info, node);
    if (!strstr(text, "# Keyspace"))
        strings_add(&node->unread, "keyspace");
    find_modules(&info, node);
    read_databases(&info, node);
    read_replicas(&info, node);
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
    const struct newer_write *write = newer_write_find(command);
    if (!write)
        return;
    AUTO(string_free) char *count = xasprintf("%" PRId64, calls);
    pairs_set(&node->newer_writes, write->name, count);
}

static void read_calls(const struct redis_reply *reply, struct observed_node *node) {
    AUTO(info_clear) struct info info = { 0 };
    if (reply->type != REDIS_STRING) {
        strings_add(&node->unread, "INFO commandstats");
        return;
    }
    info_parse(reply->bytes, reply->length, &info);
    node->as_started = is_as_started(&info, node);
    for (size_t i = 0; i < info.count; i++)
        note_calls(&info.items[i], node);
    strings_sort(&node->used_modules);
    node->scripts_used =
        count_calls(&info, "cmdstat_eval") + count_calls(&info, "cmdstat_evalsha") > 0;
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
    if (reply->count >= 2)
        pairs_set(&node->settings, name, redis_text(reply->elements[1]));
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
    const char *start = reply->type == REDIS_STRING ? strstr(reply->bytes, " laddr=") : NULL;
    if (!start)
        return;
    start += strlen(" laddr=");
    node->answers_at = xstrndup(start, strcspn(start, " \r\n"));
    redis_address_resolve(redis_host(connection), redis_port(connection), &dialed);
    node->is_translated = dialed.count && !strings_has(&dialed, node->answers_at);
}

bool node_take(struct redis_connection *connection, struct observed_node *node, struct error *err) {
    AUTO(redis_reply_free)
    struct redis_reply *info = NULL, *time = NULL, *calls = NULL, *modules = NULL, *name = NULL,
                       *clients = NULL, *own = NULL, *commands = NULL;
    if (!redis_take(connection, &info, err) || !redis_take(connection, &time, err) ||
        !redis_take(connection, &calls, err) || !redis_take(connection, &modules, err) ||
        !redis_take(connection, &name, err) || !redis_take(connection, &clients, err) ||
        !redis_take(connection, &own, err) || !redis_take(connection, &commands, err))
        return false;
    if (info->type == REDIS_FAULT) {
        (void)error_set(err, ERROR_REFUSED, "'%s' refuses INFO: %s", redis_name(connection),
                        info->bytes);
        AUTO(string_free) char *code = xstrndup(info->bytes, strcspn(info->bytes, " "));
        return error_remote(err, code);
    }
    node_read_info(redis_text(info), info->length, node);
    read_clock(time, node);
    read_calls(calls, node);
    read_modules(modules, node);
    read_command(name, "client", node);
    mark_connections(clients->type == REDIS_STRING ? redis_text(clients) : "",
                     &node->ecmig_connections);
    read_arrival(connection, own, node);
    read_commands(commands, node);
    if (!read_settings(connection, node, err))
        return false;
    strings_sort(&node->missing_commands);
    strings_sort(&node->unread);
    return true;
}
