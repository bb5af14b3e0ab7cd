#include <string.h>

#include "providers/elasticache/service.h"

bool elasticache_is_serverless(struct elasticache *service, const char *name,
                               int64_t deadline_mono_ms, bool *out, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    AUTO(service_answer_clear) struct service_answer answer = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    service_query(&action_describe_serverless_caches, &query);
    query_add(&query, "ServerlessCacheName", name);
    if (!service_call(service, &query, deadline_mono_ms, NULL, &answer, &failure)) {
        bool absent = error_is_remote(&failure, "ServerlessCacheNotFoundFault") ||
                      error_is_remote(&failure, "ServerlessCacheNotFound");
        if (absent)
            *out = false;
        else
            error_move(err, &failure);
        return absent;
    }
    bool found = false;
    const struct xml *list = xml_find(answer.result, "ServerlessCaches");
    for (const struct xml *item = xml_first(list, NULL); item; item = xml_next(item, NULL)) {
        const char *its_name = xml_text(item, "ServerlessCacheName");
        found = found || (its_name && strcasecmp(its_name, name) == 0);
    }
    *out = found;
    return true;
}
