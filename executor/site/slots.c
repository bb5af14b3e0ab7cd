/* The source's slots: are they served by the same servers as when it was opened? */
#include <string.h>

#include "executor/site/site.h"
#include "providers/observe/tls_port.h"
#include "providers/redis/cluster.h"
#include "providers/redis/info.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define WATCH_EVERY_MS 2000
#define MOVED_MS 10000

/* What one member says, against what was found when the source was opened. */
static bool view_stands(const struct site *site, const struct site_node *member,
                        const struct redis_reply *reply, struct error *err) {
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    AUTO(topology_clear) struct topology now = { 0 };
    if (!cluster_nodes_read(redis_text(reply), reply->length, redis_host(member->connection), &view,
                            err) ||
        !topology_of_view(&view, &now, err))
        return error_wrap(err, "'%s'", member->address);
    tls_port_topology(&site->config->source, &now);
    if (view.open_slots.count)
        return error_set(err, ERROR_FAILED, "slot %d of '%s' is being moved",
                         view.open_slots.items[0].slot, member->address);
    AUTO(string_free) char *difference = topology_difference(&site->topology, &now);
    return !difference ||
           error_set(err, ERROR_FAILED, "the source's cluster changed: %s", difference);
}

static bool views_stand(struct site *site, size_t count, struct error *err) {
    AUTO(many_clear) struct many primaries = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    site_list(site, SITE_PRIMARIES, &primaries);
    primaries.count = count < primaries.count ? count : primaries.count;
    if (!many_call(&primaries, site_deadline(site), &replies, err, "CLUSTER", "NODES", NULL))
        return false;
    for (size_t i = 0; i < replies.count; i++)
        if (!view_stands(site, site_primary(site, i), replies.items[i], err))
            return false;
    return true;
}

/* The newest epoch that any primary knows: a failover or a slot that moved makes a newer one. */
static bool ask_epoch(struct site *site, int64_t *epoch, struct error *err) {
    AUTO(many_clear) struct many primaries = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    site_list(site, SITE_PRIMARIES, &primaries);
    *epoch = 0;
    if (!many_call(&primaries, site_deadline(site), &replies, err, "CLUSTER", "INFO", NULL))
        return false;
    for (size_t i = 0; i < replies.count; i++) {
        AUTO(info_clear) struct info info = { 0 };
        info_parse(redis_text(replies.items[i]), replies.items[i]->length, &info);
        const char *state = info_find(&info, "cluster_state");
        int64_t own = info_int(&info, "cluster_current_epoch", 0);
        if (!state || strcmp(state, "ok") != 0)
            return error_set(err, ERROR_FAILED, "'%s' reports that the state of its cluster is %s",
                             site_primary(site, i)->address, state ? state : "unknown");
        *epoch = own > *epoch ? own : *epoch;
    }
    return true;
}

bool site_is_unmoved(struct site *site, bool thorough, struct error *err) {
    int64_t epoch = 0;
    if (site->config->source.topology != TOPOLOGY_CLUSTER)
        return true;
    if (!ask_epoch(site, &epoch, err) ||
        !views_stand(site, thorough || epoch != site->cluster_epoch ? site->shards.count : 1, err))
        return false;
    site->cluster_epoch = epoch;
    return true;
}

bool site_watch_unmoved(struct site *site, struct error *err) {
    int64_t now_mono_ms = clock_mono_ms();
    if (site->config->source.topology != TOPOLOGY_CLUSTER ||
        now_mono_ms < site->slots_asked_mono_ms + WATCH_EVERY_MS)
        return true;
    site->slots_asked_mono_ms = now_mono_ms;
    bool unmoved = site_is_unmoved(site, false, err);
    if (unmoved)
        site->moved_mono_ms = 0;
    else if (err->code == ERROR_FAILED && !site->moved_mono_ms)
        site->moved_mono_ms = now_mono_ms;
    if (unmoved || err->code != ERROR_FAILED || now_mono_ms - site->moved_mono_ms < MOVED_MS) {
        error_clear(err);
        return true;
    }
    err->code = ERROR_BLOCKED;
    return error_hint(err,
                      "the target cannot follow it: abort this run, then plan again: "
                      "ecmig abort %s",
                      site->config_file ? site->config_file : "FILE");
}
