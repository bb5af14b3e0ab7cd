#include "cmd/migration/live.h"

#include <inttypes.h>
#include <string.h>

#include "cmd/migration/session.h"
#include "providers/observe/observe.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define SERVICE_MS 5000 /* status is asked in a hurry */

#define ROW(member, ...) FIELD(struct live, member, __VA_ARGS__)
static const struct shape_field live_fields[] = {
    ROW(target_status, SHAPE_STRING), ROW(link, SHAPE_STRING),   ROW(lag_bytes, SHAPE_INT),
    ROW(problem, SHAPE_STRING),       ROW(detached, SHAPE_BOOL), ROW(mark_run, SHAPE_STRING),
    ROW(mark_record, SHAPE_STRING),
};
const struct shape live_shape = SHAPE("live", struct live, live_fields);

void live_clear(struct live *live) {
    if (live)
        shape_clear(&live_shape, live);
}

/* One pair: the lag, or why there is none. NULL from, link: the target's shard has none. */
static char *measure_pair(const struct observed_node *source, const char *from, const char *link,
                          int64_t offset, int64_t *lag_bytes) {
    if (!source || !source->reachable)
        return xstrdup(source ? source->problem : "there is no source");
    if (!from)
        return xstrdup("the target does not follow a server");
    if (!observed_node_is(source, from))
        return xasprintf("the target follows %s", from);
    if (!link || strcmp(link, "up") != 0)
        return xstrdup("the target's link to the source is down");
    *lag_bytes = source->replication_offset > offset ? source->replication_offset - offset : 0;
    return NULL;
}

/* The primary of these slots. */
static const struct observed_node *find_primary(const struct observed_source *source,
                                                const char *slots) {
    for (size_t s = 0; s < source->shards.count; s++) {
        const struct observed_shard *shard = &source->shards.items[s];
        if (!shard->slots || !slots || strcmp(shard->slots, slots) != 0)
            continue;
        for (size_t n = 0; n < source->nodes.count; n++)
            if (strcmp(source->nodes.items[n].address, shard->primary) == 0)
                return &source->nodes.items[n];
    }
    return NULL;
}

/* The shard that is furthest behind counts, and the first of which nothing is known. */
static void measure_shards(const struct observed *seen, struct live *out) {
    const struct observed_target *target = &seen->target;
    int64_t worst_bytes = 0;
    for (size_t s = 0; s < target->shard_list.count && !out->problem; s++) {
        const struct observed_target_shard *shard = &target->shard_list.items[s];
        int64_t lag_bytes = 0;
        AUTO(string_free)
        char *problem = shard->problem ? xstrdup(shard->problem)
                                       : measure_pair(find_primary(&seen->source, shard->slots),
                                                      shard->replicates_from, shard->link_status,
                                                      shard->replication_offset, &lag_bytes);
        if (problem)
            out->problem = xasprintf("shard %s: %s", shard->id, problem);
        if (shard->replicates_from)
            string_replace(&out->link, problem ? "down" : "up");
        worst_bytes = lag_bytes > worst_bytes ? lag_bytes : worst_bytes;
    }
    out->lag_bytes = out->problem ? -1 : worst_bytes;
}

static bool is_detached(const struct observed_target *target) {
    bool primaries = target->node_reachable && string_same(target->role, "master");
    for (size_t i = 0; i < target->shard_list.count; i++)
        primaries =
            string_same(target->shard_list.items[i].role, "master") && (primaries || i == 0);
    return target->exists && primaries && !string_same(target->status, "migrating");
}

static void measure(const struct observed *seen, struct live *out) {
    const struct observed_target *target = &seen->target;
    const struct observed_node *source =
        seen->source.nodes.count ? &seen->source.nodes.items[0] : NULL;
    out->target_status = xstrdup(target->status);
    out->detached = is_detached(target);
    out->mark_run = xstrdup(target->mark_run);
    out->mark_record = xstrdup(target->mark_record);
    if (!target->reachable)
        out->problem = xstrdup(target->problem);
    else if (!target->exists)
        out->problem = xstrdup("the target does not exist");
    else if (!target->primary && !target->shard_list.count)
        out->problem = xstrdup("the target has no endpoint yet");
    else if (!target->node_reachable && !target->shard_list.count)
        out->problem = xstrdup(target->node_problem);
    else if (target->shard_list.count)
        measure_shards(seen, out);
    else {
        out->link = target->replicates_from ? xstrdup(target->link_status) : NULL;
        out->problem = measure_pair(source, target->replicates_from, out->link,
                                    target->replication_offset, &out->lag_bytes);
    }
}

void live_look(const struct call *call, struct live *out) {
    AUTO(session_close) struct session session = { 0 };
    AUTO(observed_clear) struct observed seen = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    *out = (struct live){ .lag_bytes = -1 };
    if (!session_open(call, false, &session, &err)) {
        out->problem = xstrdup(err.message);
        return;
    }
    observe_target(&session.config, session.service, &session.service_problem, &session.target,
                   clock_mono_ms() + SERVICE_MS, &seen.target);
    observe_source(&(struct observe_source_options){ .config = &session.config,
                                                     .password = session.password,
                                                     .tls = session.tls,
                                                     .target = &seen.target },
                   &seen.source);
    measure(&seen, out);
}
