#include "providers/elasticache/actions/parameter_group.h"

#define PARAMETERS_IN_ONE_CALL 20

bool parameter_group_modify(struct elasticache *service, const char *name,
                            const struct pairs *parameters, int64_t deadline_mono_ms,
                            struct error *err) {
    for (size_t done = 0; done < parameters->count;) {
        AUTO(query_clear) struct query query = { 0 };
        service_query(&action_modify_cache_parameter_group, &query);
        query_add(&query, "CacheParameterGroupName", name);
        for (size_t i = 1; i <= PARAMETERS_IN_ONE_CALL && done < parameters->count; i++, done++) {
            const struct pair *pair = &parameters->items[done];
            static const char list[] = "ParameterNameValues.ParameterNameValue";
            query_add_item(&query, list, i, "ParameterName", pair->name);
            query_add_item(&query, list, i, "ParameterValue", pair->value);
        }
        if (!service_act(service, &query, deadline_mono_ms, err))
            return false;
    }
    return true;
}
