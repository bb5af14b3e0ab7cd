#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/actions/parameter_group.h"
#include "schemas/base/memory.h"

static void read_page(void *context, const struct xml *result) {
    struct strings *versions = context;
    const struct xml *list = xml_find(result, "CacheEngineVersions");
    for (const struct xml *item = xml_first(list, NULL); item; item = xml_next(item, NULL)) {
        const char *version = xml_text(item, "EngineVersion");
        if (version && !strings_has(versions, version))
            strings_add(versions, version);
    }
}

bool elasticache_versions(struct elasticache *service, const char *engine, int64_t deadline_mono_ms,
                          struct strings *out, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_describe_cache_engine_versions, &query);
    query_add(&query, "Engine", engine);
    AUTO(strings_clear) struct strings versions = { 0 };
    if (!service_pages(service, &query, deadline_mono_ms, read_page, &versions, err))
        return false;
    strings_sort(&versions); /* the service promises no order */
    strings_clear(out);
    *out = MOVE(versions);
    return true;
}

const char *elasticache_family(const char *engine, const char *version) {
    long major = strtol(version, NULL, 10);
    if (strcmp(engine, "valkey") == 0)
        return major >= 9 ? "valkey9" : major == 8 ? "valkey8" : "valkey7";
    return major >= 7 ? "redis7" : major == 6 ? "redis6.x" : "redis5.0";
}

/* The right to look it up is one that older policies lack; what it is called is known without. */
static bool know_family(const char *engine, const char *version, char **out, struct error *err) {
    if (err->code != ERROR_ACCESS_DENIED || !engine || !version)
        return false;
    error_clear(err);
    string_replace(out, elasticache_family(engine, version));
    return true;
}

bool parameter_group_family(struct elasticache *service, const char *engine, const char *version,
                            int64_t deadline_mono_ms, char **out, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_describe_cache_engine_versions, &query);
    query_add(&query, "Engine", engine);
    query_add(&query, "EngineVersion", version);
    if (!version)
        query_add_bool(&query, "DefaultOnly", true);
    AUTO(service_answer_clear) struct service_answer answer = { 0 };
    if (!service_call(service, &query, deadline_mono_ms, NULL, &answer, err))
        return know_family(engine, version, out, err);
    const char *family =
        xml_text(answer.result, "CacheEngineVersions/CacheEngineVersion/CacheParameterGroupFamily");
    if (!family)
        return error_set(err, ERROR_NOT_FOUND, "the service does not offer '%s' '%s'",
                         engine ? engine : "any engine", version ? version : "in any version");
    string_replace(out, family);
    return true;
}
