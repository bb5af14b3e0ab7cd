#include "providers/elasticache/actions/parameter_group.h"
#include "schemas/base/memory.h"

bool parameter_group_description(struct elasticache *service, const char *name,
                                 int64_t deadline_mono_ms, char **out, struct error *err) {
    AUTO(xml_free) struct xml *answer = NULL;
    const struct xml *result = NULL;
    if (!service_ask(service, &action_describe_cache_parameter_groups, "CacheParameterGroupName",
                     name, deadline_mono_ms, &answer, &result, err))
        return false;
    string_replace(out, xml_text(result, "CacheParameterGroups/CacheParameterGroup/Description"));
    return true;
}
