#include "providers/elasticache/actions/tags.h"
#include "providers/elasticache/service.h"

bool elasticache_tag(struct elasticache *service, const char *arn, const struct pairs *tags,
                     int64_t deadline_mono_ms, struct error *err) {
    const struct action *action = &action_add_tags_to_resource;
    AUTO(query_clear) struct query query = { 0 };
    service_query(action, &query);
    query_add(&query, "ResourceName", arn);
    query_add_tags(&query, tags, NULL);
    AUTO(xml_free) struct xml *answer = NULL;
    return service_call(service, action, &query, deadline_mono_ms, NULL, &answer, NULL, err);
}
