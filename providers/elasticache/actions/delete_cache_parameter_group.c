#include <string.h>

#include "providers/elasticache/actions/parameter_group.h"
#include "schemas/base/memory.h"

/* Already gone is as wanted. */
bool parameter_group_delete(struct elasticache *service, const char *name, int64_t deadline_mono_ms,
                            struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_delete_cache_parameter_group, &query);
    query_add(&query, "CacheParameterGroupName", name);
    if (!service_act(service, &query, deadline_mono_ms, err) &&
        !error_is_remote(err, "CacheParameterGroupNotFound"))
        return false;
    error_clear(err);
    return true;
}
