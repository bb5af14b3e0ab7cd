#include "providers/elasticache/actions/tags.h"
#include "providers/elasticache/service.h"

bool elasticache_tag(struct elasticache *service, const char *arn, const struct pairs *tags,
                     int64_t deadline_mono_ms, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_add_tags_to_resource, &query);
    query_add(&query, "ResourceName", arn);
    query_add_tags(&query, tags, NULL);
    return service_act(service, &query, deadline_mono_ms, err);
}
