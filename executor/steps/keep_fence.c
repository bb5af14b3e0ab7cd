/* Keep: the fence outlives a restart of the source where its file may be rewritten; where it may
 * not, the lines that keep it are said. Clients that are still connected there are counted. */
#include <inttypes.h>
#include <string.h>

#include "executor/cutover/fence.h"
#include "executor/moment.h"
#include "executor/steps/audit.h"
#include "executor/steps/step.h"
#include "providers/redis/server.h"
#include "schemas/base/memory.h"

/* The file that the server was started with; NULL when it has none, or does not say. */
static char *file_of(struct redis_connection *node) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(error_clear) struct error refused = { 0 };
    AUTO(server_info_clear) struct server_info server = { 0 };
    if (!redis_call(node, REDIS_NOW, &reply, &refused, "INFO", "server", NULL))
        return NULL;
    server_info_read(reply, &server);
    return server.config_file && *server.config_file ? TAKE(server.config_file) : NULL;
}

static bool rewrite(struct step_run *run, const struct site_node *node) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(error_clear) struct error refused = { 0 };
    if (redis_call(node->connection, REDIS_NOW, &reply, &refused, "CONFIG", "REWRITE", NULL))
        return true;
    events_warn(run->site->events, run->step->id, "the fence on %s does not survive a restart: %s",
                node->address, refused.message);
    return false;
}

static bool keep_one(struct step_run *run, const struct site_node *node,
                     const struct fence_values *fence, struct json *nodes, struct error *err) {
    AUTO(string_free) char *value = fence_value(journal_run(run->site->journal));
    AUTO(string_free) char *file = file_of(node->connection);
    bool may_rewrite = strcmp(run->step->key, step_key_keep_fence) == 0;
    int64_t clients = 0;
    if (!fence_count_clients(node->connection, &clients, err))
        return false;
    bool rewritten = may_rewrite && rewrite(run, node);
    struct json *entry = json_new_object();
    json_put_string(entry, "node", node->address);
    json_put_bool(entry, "fence_stands", fence_stands(fence, value));
    json_put_bool(entry, "survives_restart", rewritten);
    json_put_string(entry, "file", file);
    json_put_int(entry, "clients_connected", clients);
    if (!rewritten) {
        AUTO(string_free) char *write_line = xasprintf("%s %s", fence->write_name, fence->write);
        AUTO(string_free) char *lag_line = xasprintf("%s %s", fence->lag_name, fence->lag);
        struct json *lines = json_new_array();
        json_append(lines, json_new_string(write_line));
        json_append(lines, json_new_string(lag_line));
        json_put(entry, "lines", lines);
        events_emit(
            run->site->events,
            &(struct event_fact){ .kind = EVENT_DIAGNOSTIC, .step = run->step->id },
            "a restart of %s lifts the fence unless its configuration file has '%s' and '%s'",
            node->address, write_line, lag_line);
    }
    json_append(nodes, entry);
    if (clients)
        events_warn(run->site->events, run->step->id,
                    "%" PRId64 " clients are still connected to %s", clients, node->address);
    return true;
}

static bool keep(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    struct json *nodes = json_new_array();
    json_put(run->evidence, "nodes", nodes);
    AUTO(many_clear) struct many all = { 0 };
    AUTO(fence_list_clear) struct fence_list fences = { 0 };
    moment("before the fence is kept");
    if (!site_source(site, SITE_NODES, err) || !audit_at_end(run, err))
        return false;
    site_list(site, SITE_NODES, &all);
    if (!fence_read(&all, &fences, err))
        return false;
    for (size_t i = 0; i < site->nodes.count; i++)
        if (!keep_one(run, &site->nodes.items[i], &fences.items[i], nodes, err))
            return false;
    return true;
}

const struct step_runner step_keep_fence = { .run = keep };
