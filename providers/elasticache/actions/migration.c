#include "providers/elasticache/actions/migration.h"

void migration_query(const struct action *action, const char *group, const char *host,
                     uint16_t port, struct query *out) {
    service_query(action, out);
    query_add(out, "ReplicationGroupId", group);
    query_add(out, "CustomerNodeEndpointList.member.1.Address", host);
    query_add_int(out, "CustomerNodeEndpointList.member.1.Port", port);
}
