#include "providers/local/actions/migration_request.h"

#include <string.h>

#include "providers/local/actions/answers.h"
#include "providers/local/service/phase.h"
#include "schemas/base/memory.h"

bool migration_endpoint(struct request *request, const char **host, int64_t *port) {
    static const char list[] = "CustomerNodeEndpointList.member";
    const char *address = form_member(request->form, list, 1, "Address");
    if (!address || !*address)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "CustomerNodeEndpointList must have an Address and a Port.");
    if (form_member(request->form, list, 2, "Address"))
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "CustomerNodeEndpointList must have exactly one element.");
    *port = 0;
    if (strlen(address) > 253 || strpbrk(address, " \t\r\n\"/") ||
        !request_int(request, "CustomerNodeEndpointList.member.1.Port", 1, 65535, port) || !*port)
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                      "Invalid customer node endpoint: %s", address);
    *host = address;
    return true;
}

static bool check_group(struct request *request, const struct group *group) {
    if (group->migration.host && group->phase != PHASE_TESTING)
        return refuse(request->refusal, API_ERROR_GROUP_MIGRATES,
                      "Replication group %s is already under migration.", group->id);
    if (group->phase != PHASE_AVAILABLE || group->held_status)
        return refuse(request->refusal, API_ERROR_GROUP_STATE,
                      "Replication group %s must be in available state.", group->id);
    const char *obstacle = access_is_on(&group->access) ? "AUTH and user groups must be disabled"
                           : group->transit_encryption  ? "in-transit encryption must be disabled"
                           : group_is_durable(group)    ? "durability must be disabled"
                           : group->data_tiering        ? "data tiering must be disabled"
                           : !group->multi_az           ? "Multi-AZ must be enabled"
                                                        : NULL;
    if (obstacle)
        return refuse(request->refusal, API_ERROR_GROUP_STATE,
                      "Replication group %s cannot be migrated to: %s.", group->id, obstacle);
    return true;
}

bool migration_request(struct request *request, enum group_phase phase, int64_t delay_ms) {
    struct group *group = NULL;
    const char *host = NULL;
    int64_t port = 0;
    if (!request_group(request, &group) || !migration_endpoint(request, &host, &port) ||
        !check_group(request, group))
        return false;
    group->migration = (struct migration){ .host = xstrdup(host), .port = port };
    group_enter(request->endpoint, group, phase, delay_ms);
    answer_group(request, group);
    return true;
}
