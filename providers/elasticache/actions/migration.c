#include "providers/elasticache/actions/migration.h"

bool migration_call(struct elasticache *service, const struct action *action, const char *group,
                    const char *host, uint16_t port, int64_t deadline_mono_ms, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(action, &query);
    query_add(&query, "ReplicationGroupId", group);
    query_add(&query, "CustomerNodeEndpointList.member.1.Address", host);
    query_add_int(&query, "CustomerNodeEndpointList.member.1.Port", port);
    AUTO(xml_free) struct xml *answer = NULL;
    return service_call(service, action, &query, deadline_mono_ms, NULL, &answer, NULL, err);
}
