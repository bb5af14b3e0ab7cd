#include "providers/elasticache/actions/parameter_group.h"

#define PARAMETERS_IN_ONE_CALL 20

bool parameter_group_modify(struct elasticache *service, const char *name,
                            const struct pairs *parameters, int64_t deadline_mono_ms,
                            struct error *err) {
    const struct action *action = &action_modify_cache_parameter_group;
    for (size_t done = 0; done < parameters->count;) {
        AUTO(query_clear) struct query query = { 0 };
        service_query(action, &query);
        query_add(&query, "CacheParameterGroupName", name);
        for (size_t i = 1; i <= PARAMETERS_IN_ONE_CALL && done < parameters->count; i++, done++) {
            const struct pair *pair = &parameters->items[done];
            static const char list[] = "ParameterNameValues.ParameterNameValue";
            query_add_item(&query, list, i, "ParameterName", pair->name);
            query_add_item(&query, list, i, "ParameterValue", pair->value);
        }
        AUTO(xml_free) struct xml *answer = NULL;
        if (!service_call(service, action, &query, deadline_mono_ms, NULL, &answer, NULL, err))
            return false;
    }
    return true;
}
