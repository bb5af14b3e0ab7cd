#include <string.h>

#include "providers/elasticache/service.h"
#include "schemas/base/memory.h"

/* Those that may still replace nodes. */
static const char *const wanted[] = { "not-applied", "waiting-to-start", "in-progress", "stopping",
                                      "stopped",     "scheduling",       "scheduled" };

static void read_page(void *context, const struct xml *result) {
    struct pairs *updates = context;
    const struct xml *one = xml_first(xml_first(result, "UpdateActions"), "UpdateAction");
    for (; one; one = xml_next(one, "UpdateAction")) {
        const char *name = xml_text(one, "ServiceUpdateName");
        const char *status = xml_text(one, "UpdateActionStatus");
        const char *offer = xml_text(one, "ServiceUpdateStatus");
        bool is_over = offer && strcmp(offer, "available") != 0; /* canceled, expired */
        if (name && status && !(is_over && strcmp(status, "not-applied") == 0))
            pairs_set(updates, name, status);
    }
}

bool elasticache_updates(struct elasticache *service, const char *group, int64_t deadline_mono_ms,
                         struct pairs *out, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    AUTO(pairs_clear) struct pairs updates = { 0 };
    service_query(&action_describe_update_actions, &query);
    query_add_item(&query, "ReplicationGroupIds.member", 1, NULL, group);
    for (size_t i = 0; i < COUNT(wanted); i++)
        query_add_item(&query, "UpdateActionStatus.member", i + 1, NULL, wanted[i]);
    if (!service_pages(service, &query, deadline_mono_ms, read_page, &updates, err))
        return false;
    pairs_clear(out);
    *out = MOVE(updates);
    return true;
}
