#include <string.h>

#include "providers/elasticache/service.h"

bool elasticache_is_serverless(struct elasticache *service, const char *name,
                               int64_t deadline_mono_ms, bool *out, struct error *err) {
    AUTO(xml_free) struct xml *answer = NULL;
    AUTO(error_clear) struct error failure = { 0 };
    const struct xml *result = NULL;
    if (!service_ask(service, &action_describe_serverless_caches, "ServerlessCacheName", name,
                     deadline_mono_ms, &answer, &result, &failure)) {
        bool absent = error_is_remote(&failure, "ServerlessCacheNotFoundFault") ||
                      error_is_remote(&failure, "ServerlessCacheNotFound");
        if (absent)
            *out = false;
        else
            error_move(err, &failure);
        return absent;
    }
    bool found = false;
    const struct xml *list = xml_find(result, "ServerlessCaches");
    for (const struct xml *item = xml_first(list, NULL); item; item = xml_next(item, NULL)) {
        const char *its_name = xml_text(item, "ServerlessCacheName");
        found = found || (its_name && strcasecmp(its_name, name) == 0);
    }
    *out = found;
    return true;
}
