#include "providers/elasticache/actions/pairs.h"
#include "providers/elasticache/service.h"

bool elasticache_tags(struct elasticache *service, const char *arn, int64_t deadline_mono_ms,
                      struct pairs *out, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    AUTO(service_answer_clear) struct service_answer answer = { 0 };
    service_query(&action_list_tags_for_resource, &query);
    query_add(&query, "ResourceName", arn);
    if (!service_call(service, &query, deadline_mono_ms, NULL, &answer, err))
        return false;
    pairs_clear(out);
    const struct xml *tags = xml_find(answer.result, "TagList");
    for (const struct xml *tag = xml_first(tags, NULL); tag; tag = xml_next(tag, NULL))
        pairs_put(out, xml_text(tag, "Key"), xml_text(tag, "Value"));
    pairs_sort(out);
    return true;
}
