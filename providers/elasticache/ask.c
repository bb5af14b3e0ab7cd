#include <string.h>

#include "providers/elasticache/service.h"
#include "schemas/base/memory.h"

bool service_ask(struct elasticache *service, const struct action *action, const char *name,
                 const char *value, int64_t deadline_mono_ms, struct xml **out,
                 const struct xml **result, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(action, &query);
    query_add(&query, name, value);
    return service_call(service, action, &query, deadline_mono_ms, NULL, out, result, err);
}

bool service_pages(struct elasticache *service, const struct action *action,
                   const struct query *query, int64_t deadline_mono_ms,
                   void (*visit)(void *context, const struct xml *result), void *context,
                   struct error *err) {
    AUTO(string_free) char *marker = NULL;
    for (size_t page = 0; page < PAGE_CEILING; page++) {
        AUTO(query_clear) struct query next = { 0 };
        text_add_bytes(&next.body, query->body.bytes, query->body.length);
        query_add(&next, "Marker", marker);
        AUTO(xml_free) struct xml *answer = NULL;
        const struct xml *result = NULL;
        if (!service_call(service, action, &next, deadline_mono_ms, NULL, &answer, &result, err))
            return false;
        visit(context, result);
        const char *following = xml_text(result, "Marker");
        if (!following)
            return true;
        if (marker && strcmp(marker, following) == 0)
            return error_set(err, ERROR_FORMAT, "%s: the same page marker came twice",
                             action->name);
        string_replace(&marker, following);
    }
    return error_set(err, ERROR_FORMAT, "%s: more than %d pages", action->name, PAGE_CEILING);
}
