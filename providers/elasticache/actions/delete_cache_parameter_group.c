#include <string.h>

#include "providers/elasticache/actions/parameter_group.h"
#include "schemas/base/memory.h"

/* Already gone is as wanted. */
bool parameter_group_delete(struct elasticache *service, const char *name, int64_t deadline_mono_ms,
                            struct error *err) {
    const struct action *action = &action_delete_cache_parameter_group;
    AUTO(query_clear) struct query query = { 0 };
    AUTO(xml_free) struct xml *answer = NULL;
    service_query(action, &query);
    query_add(&query, "CacheParameterGroupName", name);
    if (!service_call(service, action, &query, deadline_mono_ms, NULL, &answer, NULL, err) &&
        !error_is_remote(err, "CacheParameterGroupNotFound"))
        return false;
    error_clear(err);
    return true;
}
