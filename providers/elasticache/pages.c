#include <string.h>

#include "providers/elasticache/service.h"
#include "schemas/base/memory.h"

bool service_pages(struct elasticache *service, const struct query *query, int64_t deadline_mono_ms,
                   void (*visit)(void *context, const struct xml *result), void *context,
                   struct error *err) {
    AUTO(string_free) char *marker = NULL;
    for (size_t page = 0; page < PAGE_CEILING; page++) {
        AUTO(query_clear) struct query next = { .action = query->action };
        text_add_bytes(&next.body, query->body.bytes, query->body.length);
        query_add(&next, "Marker", marker);
        AUTO(service_answer_clear) struct service_answer answer = { 0 };
        if (!service_call(service, &next, deadline_mono_ms, NULL, &answer, err))
            return false;
        visit(context, answer.result);
        const char *following = xml_text(answer.result, "Marker");
        if (!following)
            return true;
        if (marker && strcmp(marker, following) == 0)
            return error_set(err, ERROR_FORMAT, "%s: the same page marker was returned twice",
                             query->action->name);
        string_replace(&marker, following);
    }
    return error_set(err, ERROR_FORMAT, "%s: more than %d pages", query->action->name,
                     PAGE_CEILING);
}
