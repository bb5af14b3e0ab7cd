#include "providers/redis/server.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schemas/base/memory.h"
#include "schemas/base/number.h"

#define REPLICA_CEILING_COUNT 1000

static char *text_of(const struct info *info, const char *name) {
    return xstrdup(info_find(info, name));
}

static bool says(const struct info *info, const char *name, const char *value) {
    const char *found = info_find(info, name);
    return found && strcmp(found, value) == 0;
}

static void read_identity(const struct info *info, struct server_info *server) {
    server->run_id = text_of(info, "run_id");
    server->version = info_version(info);
    server->config_file = text_of(info, "config_file");
    server->listens_on = info_int(info, "tcp_port", 0);
    server->cluster_enabled = info_int(info, "cluster_enabled", 0) == 1;
    server->loading = info_int(info, "loading", 0) == 1;
}

static void read_role(const struct info *info, struct server_info *server) {
    const char *host = info_find(info, "master_host");
    int64_t left_bytes = info_int(info, "master_sync_left_bytes", 0);
    server->role = text_of(info, "role");
    server->is_primary = says(info, "role", "master");
    server->is_replica = says(info, "role", "slave");
    server->writable = info_int(info, "slave_read_only", 1) == 0;
    if (host)
        server->follows = redis_address_text(host, (uint16_t)info_int(info, "master_port", 0));
    server->link_status = text_of(info, "master_link_status");
    server->link_up = says(info, "master_link_status", "up");
    server->syncing = info_int(info, "master_sync_in_progress", 0) == 1;
    server->link_silent_s = info_int(info, "master_last_io_seconds_ago", -1);
    server->sync_total_bytes = info_int(info, "master_sync_total_bytes", 0);
    server->sync_read_bytes = info_int(info, "master_sync_read_bytes", 0);
    /* What is left is all that is told before 6.2. */
    server->copied_bytes =
        number_sum(info_int(info, "master_sync_read_bytes", left_bytes > 0 ? -left_bytes : 0),
                   info_int(info, "loading_loaded_bytes", 0));
}

static void read_replicas(const struct info *info, struct strings *out) {
    for (size_t i = 0; i < REPLICA_CEILING_COUNT; i++) {
        AUTO(string_free) char *field = xasprintf("slave%zu", i);
        const char *value = info_find(info, field);
        if (!value)
            return;
        AUTO(string_free) char *host = info_part(value, "ip");
        int64_t port = info_part_int(value, "port", 0);
        if (!host || port <= 0 || port > UINT16_MAX) /* 0: it reads the log, as a backup does */
            continue;
        AUTO(string_free) char *address = redis_address_text(host, (uint16_t)port);
        strings_add(out, address);
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

static void read_log(const struct info *info, struct server_info *server) {
    server->replid = text_of(info, "master_replid");
    server->replid2 = text_of(info, "master_replid2");
    server->offset = info_int(info, "master_repl_offset", -1);
    server->applied_offset = info_int(info, "slave_repl_offset", -1);
    server->second_offset = info_int(info, "second_repl_offset", -1);
    server->backlog_first_offset = info_int(info, "repl_backlog_first_byte_offset", -1);
    server->backlog_size_bytes = info_int(info, "repl_backlog_size", 0);
    server->backlog_held_bytes = backlog_held(info);
    server->full_syncs = info_int(info, "sync_full", -1);
    server->partial_syncs = info_int(info, "sync_partial_ok", 0);
    read_replicas(info, &server->replicas);
}

static void read_memory(const struct info *info, struct server_info *server) {
    server->used_bytes = info_int(info, "used_memory", 0);
    server->resident_bytes = info_int(info, "used_memory_rss", 0);
    server->dataset_bytes = info_int(info, "used_memory_dataset", 0);
    server->maxmemory_bytes = info_int(info, "maxmemory", 0);
    server->system_bytes = info_int(info, "total_system_memory", 0);
    server->not_counted_bytes = info_int(info, "mem_not_counted_for_evict", 0);
    server->replica_buffer_bytes = number_sum(info_int(info, "mem_clients_slaves", 0),
                                              info_int(info, "mem_total_replication_buffers", 0));
    server->expired_keys = info_int(info, "expired_keys", 0);
    server->evicted_keys = info_int(info, "evicted_keys", 0);
    server->expired_fields = info_int(info, "expired_subkeys", info_int(info, "expired_fields", 0));
    server->unexpected_errors = info_int(info, "unexpected_error_replies", -1);
}

static void read_rest(const struct info *info, struct server_info *server) {
    const char *save = info_find(info, "rdb_last_bgsave_status");
    const char *rate = info_find(info, "instantaneous_input_kbps");
    server->changes = info_int(info, "rdb_changes_since_last_save", -1);
    server->saved_at_s = info_int(info, "rdb_last_save_time", -1);
    server->save_failed = save && strcmp(save, "ok") != 0;
    server->last_fork_us = info_int(info, "latest_fork_usec", 0);
    server->clients_count = info_int(info, "connected_clients", 0);
    server->functions =
        info_int(info, "number_of_libraries", info_int(info, "number_of_functions", 0));
    server->input_bytes_per_s = rate ? number_of_double(strtod(rate, NULL) * 1024.0) : 0;
}

static void read_databases(const struct info *info, struct server_info *server) {
    for (size_t i = 0; i < info->count; i++) {
        const char *name = info->items[i].name, *value = info->items[i].value;
        int64_t index = strncmp(name, "db", 2) == 0 ? number_or(name + 2, -1) : -1;
        if (index < 0 || !strstr(value, "keys="))
            continue;
        *LIST_ADD(&server->databases) = (struct server_database){
            .index = index,
            .keys = info_part_int(value, "keys", 0),
            .expires = info_part_int(value, "expires", -1),
            .expiring_fields = number_sum(info_part_int(value, "keys_with_volatile_items", 0),
                                          info_part_int(value, "subexpiry", 0)),
        };
    }
}

void server_info_parse(const char *bytes, size_t length, struct server_info *out) {
    server_info_clear(out);
    info_parse(bytes, length, &out->info);
    read_identity(&out->info, out);
    read_role(&out->info, out);
    read_log(&out->info, out);
    read_memory(&out->info, out);
    read_databases(&out->info, out);
    read_rest(&out->info, out);
}

void server_info_read(const struct redis_reply *reply, struct server_info *out) {
    bool is_text = reply && (reply->type == REDIS_STRING || reply->type == REDIS_STATUS);
    server_info_parse(is_text ? reply->bytes : "", is_text ? reply->length : 0, out);
}

int64_t server_calls(const struct server_info *server, const char *command) {
    AUTO(string_free) char *field = xasprintf("cmdstat_%s", command);
    return info_part_int(info_find(&server->info, field), "calls", 0);
}

bool server_is_run(const struct server_info *server, const char *run_id) {
    return server->run_id && run_id && strcmp(server->run_id, run_id) == 0;
}

void server_info_clear(struct server_info *server) {
    if (!server)
        return;
    free(server->run_id);
    free(server->config_file);
    free(server->role);
    free(server->follows);
    free(server->link_status);
    free(server->replid);
    free(server->replid2);
    strings_clear(&server->replicas);
    free(server->databases.items);
    info_clear(&server->info);
    *server = (struct server_info){ 0 };
}

const char *server_setting(const struct redis_reply *reply, const char *name) {
    for (size_t i = 0; reply && reply->type == REDIS_ARRAY && i + 1 < reply->count; i += 2)
        if (strcasecmp(redis_text(reply->elements[i]), name) == 0)
            return redis_text(reply->elements[i + 1]);
    return NULL;
}
