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
        return false;
    const char *family =
        xml_text(answer.result, "CacheEngineVersions/CacheEngineVersion/CacheParameterGroupFamily");
    if (!family)
        return error_set(err, ERROR_NOT_FOUND, "the service does not offer '%s' '%s'",
                         engine ? engine : "any engine", version ? version : "in any version");
    string_replace(out, family);
    return true;
}
