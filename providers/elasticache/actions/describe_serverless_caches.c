#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/service.h"
#include "schemas/base/memory.h"

static char *copied(const struct xml *item, const char *path) {
    const char *value = xml_text(item, path);
    return value && *value ? xstrdup(value) : NULL;
}

/* Documents give no example of MigrationEndpoint: an address with a port, or plain text. */
static char *migration_endpoint(const struct xml *summary) {
    const char *host = xml_text(summary, "MigrationEndpoint/Address");
    const char *port = xml_text(summary, "MigrationEndpoint/Port");
    return host ? xasprintf("%s:%s", host, port ? port : "6379")
                : copied(summary, "MigrationEndpoint");
}

static void read_cache(const struct xml *item, struct serverless_cache *out) {
    const char *port = xml_text(item, "Endpoint/Port");
    const struct xml *summary = xml_find(item, "MigrationSummary");
    *out = (struct serverless_cache){
        .exists = true,
        .status = copied(item, "Status"),
        .engine = copied(item, "Engine"),
        .version = copied(item, "FullEngineVersion"),
        .endpoint = { copied(item, "Endpoint/Address"), port ? strtoll(port, NULL, 10) : 0 },
    };
    if (!out->version)
        out->version = copied(item, "MajorEngineVersion");
    if (!summary)
        return;
    out->migration_status = copied(summary, "Status");
    out->cutover_mode = copied(summary, "CutoverMode");
    out->migration_endpoint = migration_endpoint(summary);
}

bool elasticache_serverless(struct elasticache *service, const char *name, int64_t deadline_mono_ms,
                            struct serverless_cache *out, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    AUTO(service_answer_clear) struct service_answer answer = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    service_query(&action_describe_serverless_caches, &query);
    query_add(&query, "ServerlessCacheName", name);
    if (!service_call(service, &query, deadline_mono_ms, NULL, &answer, &failure)) {
        bool absent = error_is_remote(&failure, "ServerlessCacheNotFoundFault") ||
                      error_is_remote(&failure, "ServerlessCacheNotFound");
        if (absent)
            serverless_cache_clear(out);
        else
            error_move(err, &failure);
        return absent;
    }
    serverless_cache_clear(out);
    const struct xml *list = xml_find(answer.result, "ServerlessCaches");
    for (const struct xml *item = xml_first(list, NULL); item; item = xml_next(item, NULL)) {
        const char *its_name = xml_text(item, "ServerlessCacheName");
        if (!its_name || strcasecmp(its_name, name) != 0)
            continue;
        read_cache(item, out);
        break;
    }
    return true;
}
