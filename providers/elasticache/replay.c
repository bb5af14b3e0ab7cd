#include "providers/elasticache/replay.h"

#include <string.h>

#include "providers/elasticache/service.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define WITHIN_MS 60000 /* nothing waits here */

static const struct action *const actions[] = {
#define READS(id, name, service) &action_##id,
#define ACTS(id, name, service) &action_##id,
#include "providers/elasticache/actions/actions.def"
#undef ACTS
#undef READS
};

static const struct action *find(const char *name) {
    for (size_t i = 0; i < COUNT(actions); i++)
        if (string_same(actions[i]->name, name))
            return actions[i];
    return NULL;
}

bool elasticache_knows(const char *action) {
    return find(action);
}

bool elasticache_knows_code(const char *code) {
    static const char *const codes[] = {
#define SERVICE_CODE(code, failure) code,
#include "providers/elasticache/codes.def"
#undef SERVICE_CODE
    };
    for (size_t i = 0; i < COUNT(codes); i++)
        if (string_same(codes[i], code))
            return true;
    return false;
}

static bool describe_group(struct elasticache *service, const char *subject, struct error *err) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    return elasticache_describe(service, subject, clock_mono_ms() + WITHIN_MS, &group, err);
}

static bool describe_cluster(struct elasticache *service, const char *subject, struct error *err) {
    AUTO(cache_cluster_clear) struct cache_cluster cluster = { 0 };
    return elasticache_describe_cluster(service, subject, clock_mono_ms() + WITHIN_MS, &cluster,
                                        err);
}

static bool read_parameters(struct elasticache *service, const char *subject, struct error *err) {
    AUTO(pairs_clear) struct pairs pairs = { 0 };
    return elasticache_parameters(service, subject, NULL, clock_mono_ms() + WITHIN_MS, &pairs, err);
}

static bool read_versions(struct elasticache *service, const char *subject, struct error *err) {
    AUTO(strings_clear) struct strings versions = { 0 };
    return elasticache_versions(service, subject, clock_mono_ms() + WITHIN_MS, &versions, err);
}

static bool read_tags(struct elasticache *service, const char *subject, struct error *err) {
    AUTO(pairs_clear) struct pairs tags = { 0 };
    return elasticache_tags(service, subject, clock_mono_ms() + WITHIN_MS, &tags, err);
}

static bool read_updates(struct elasticache *service, const char *subject, struct error *err) {
    AUTO(pairs_clear) struct pairs updates = { 0 };
    return elasticache_updates(service, subject, clock_mono_ms() + WITHIN_MS, &updates, err);
}

static bool read_events(struct elasticache *service, const char *subject, struct error *err) {
    AUTO(service_events_clear) struct service_events events = { 0 };
    return elasticache_events(service, subject, 0, clock_mono_ms() + WITHIN_MS, &events, err);
}

static bool read_identity(struct elasticache *service, const char *subject, struct error *err) {
    AUTO(service_identity_clear) struct service_identity identity = { 0 };
    (void)subject;
    return elasticache_identity(service, clock_mono_ms() + WITHIN_MS, &identity, err);
}

/* The verbs that read more of an answer than that it is one. */
static const struct {
    const struct action *action;
    bool (*read)(struct elasticache *service, const char *subject, struct error *err);
    bool needs_subject;
} readers[] = {
    { &action_describe_replication_groups, describe_group, true },
    { &action_describe_cache_clusters, describe_cluster, true },
    { &action_describe_cache_parameters, read_parameters, true },
    { &action_describe_cache_engine_versions, read_versions, true },
    { &action_list_tags_for_resource, read_tags, true },
    { &action_describe_update_actions, read_updates, true },
    { &action_describe_events, read_events, true },
    { &action_get_caller_identity, read_identity, false },
};

static bool read_any(struct elasticache *service, const struct action *action, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    AUTO(service_answer_clear) struct service_answer answer = { 0 };
    service_query(action, &query);
    return service_call(service, &query, clock_mono_ms() + WITHIN_MS, NULL, &answer, err);
}

/* A page that has another one behind it would be asked for it. */
static void add_without_marker(const char *body, size_t length, struct text *out) {
    static const char begins[] = "<Marker>", ends[] = "</Marker>";
    const char *start = memmem(body, length, begins, strlen(begins));
    const char *end =
        start ? memmem(start, length - (size_t)(start - body), ends, strlen(ends)) : NULL;
    if (!end) {
        text_add_bytes(out, body, length);
        return;
    }
    end += strlen(ends);
    text_add_bytes(out, body, (size_t)(start - body));
    text_add_bytes(out, end, length - (size_t)(end - body));
}

bool elasticache_replay(const struct service_recorded *recorded, struct error *err) {
    const struct action *action = find(recorded->action);
    if (!action)
        return error_set(err, ERROR_NOT_FOUND, "no action '%s' is known", recorded->action);
    AUTO(elasticache_close) struct elasticache *service = xcalloc(1, sizeof *service);
    AUTO(text_clear) struct text body = { 0 };
    add_without_marker(recorded->body, recorded->length, &body);
    const struct service_replay replay = { recorded->status, text_string(&body), body.length };
    service->region = xstrdup("us-east-1");
    service->retry.attempt_ceiling = 1;
    service->replay = &replay;
    for (size_t i = 0; i < COUNT(readers); i++)
        if (readers[i].action == action && (recorded->subject || !readers[i].needs_subject))
            return readers[i].read(service, recorded->subject, err);
    return read_any(service, action, err);
}
