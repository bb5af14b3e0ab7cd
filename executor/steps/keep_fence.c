/* Row 13: the fence outlives a restart of the source where its file may be rewritten; clients that
 * are still connected there are counted. */
#include <inttypes.h>
#include <string.h>

#include "executor/cutover/fence.h"
#include "executor/steps/step.h"
#include "schemas/base/memory.h"

static bool keep(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    AUTO(string_free) char *value = fence_value(journal_run(site->journal));
    struct json *nodes = json_new_array();
    json_put(run->evidence, "nodes", nodes);
    AUTO(many_clear) struct many all = { 0 };
    AUTO(fence_list_clear) struct fence_list fences = { 0 };
    if (!site_source(site, SITE_NODES, err))
        return false;
    site_list(site, SITE_NODES, &all);
    if (!fence_read(&all, &fences, err))
        return false;
    for (size_t i = 0; i < site->nodes.count; i++) {
        const struct site_node *node = &site->nodes.items[i];
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        AUTO(error_clear) struct error refused = { 0 };
        bool stands = strcmp(fences.items[i].write, value) == 0;
        int64_t clients = 0;
        if (!fence_count_clients(node->connection, &clients, err))
            return false;
        bool rewritten =
            redis_call(node->connection, REDIS_NOW, &reply, &refused, "CONFIG", "REWRITE", NULL);
        struct json *entry = json_new_object();
        json_put_string(entry, "node", node->address);
        json_put_bool(entry, "fence_stands", stands);
        json_put_bool(entry, "survives_restart", rewritten);
        json_put_int(entry, "clients_connected", clients);
        json_append(nodes, entry);
        if (!rewritten)
            events_emit(site->events, EVENT_DIAGNOSTIC, SEVERITY_WARNING, run->step->id, NULL, NULL,
                        "the fence on %s does not survive a restart: %s", node->address,
                        refused.message);
        if (clients)
            events_emit(site->events, EVENT_DIAGNOSTIC, SEVERITY_WARNING, run->step->id, NULL, NULL,
                        "%" PRId64 " clients are still connected to %s", clients, node->address);
    }
    return true;
}

const struct step_runner step_keep_fence = { .run = keep };
