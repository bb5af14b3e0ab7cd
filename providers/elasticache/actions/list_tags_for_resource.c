#include "providers/elasticache/actions/pairs.h"
#include "providers/elasticache/service.h"

bool elasticache_tags(struct elasticache *service, const char *arn, int64_t deadline_mono_ms,
                      struct pairs *out, struct error *err) {
    AUTO(xml_free) struct xml *answer = NULL;
    const struct xml *result = NULL;
    if (!service_ask(service, &action_list_tags_for_resource, "ResourceName", arn, deadline_mono_ms,
                     &answer, &result, err))
        return false;
    pairs_clear(out);
    const struct xml *tags = xml_find(result, "TagList");
    for (const struct xml *tag = xml_first(tags, NULL); tag; tag = xml_next(tag, NULL))
        pairs_put(out, xml_text(tag, "Key"), xml_text(tag, "Value"));
    pairs_sort(out);
    return true;
}
