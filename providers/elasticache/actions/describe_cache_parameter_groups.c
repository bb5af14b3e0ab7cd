#include "providers/elasticache/actions/parameter_group.h"
#include "schemas/base/memory.h"

bool parameter_group_description(struct elasticache *service, const char *name,
                                 int64_t deadline_mono_ms, char **out, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    AUTO(service_answer_clear) struct service_answer answer = { 0 };
    service_query(&action_describe_cache_parameter_groups, &query);
    query_add(&query, "CacheParameterGroupName", name);
    if (!service_call(service, &query, deadline_mono_ms, NULL, &answer, err))
        return false;
    string_replace(out,
                   xml_text(answer.result, "CacheParameterGroups/CacheParameterGroup/Description"));
    return true;
}
