#include "providers/elasticache/actions/parameter_group.h"
#include "providers/elasticache/actions/tags.h"

bool parameter_group_create(struct elasticache *service, const char *name, const char *family,
                            const char *description, const struct pairs *tags,
                            int64_t deadline_mono_ms, struct error *err) {
    const struct action *action = &action_create_cache_parameter_group;
    AUTO(query_clear) struct query query = { 0 };
    service_query(action, &query);
    query_add(&query, "CacheParameterGroupName", name);
    query_add(&query, "CacheParameterGroupFamily", family);
    query_add(&query, "Description", description);
    query_add_tags(&query, NULL, tags);
    AUTO(xml_free) struct xml *answer = NULL;
    return service_call(service, action, &query, deadline_mono_ms, NULL, &answer, NULL, err);
}
