#include <string.h>

#include "providers/elasticache/actions/group.h"
#include "providers/elasticache/service.h"

bool elasticache_describe(struct elasticache *service, const char *group, int64_t deadline_mono_ms,
                          struct replication_group *out, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    AUTO(service_answer_clear) struct service_answer answer = { 0 };
    if (!group) /* all of them would answer */
        return error_set(err, ERROR_CONFIG, "the target is a serverless cache, not a group");
    service_query(&action_describe_replication_groups, &query);
    query_add(&query, "ReplicationGroupId", group);
    if (!service_call(service, &query, deadline_mono_ms, NULL, &answer, err)) {
        /* Steps and checks take "not found" for a group that is gone. Of anything else (a name that
         * a proxy or gateway does not find) it says nothing about the group. */
        if (err->code == ERROR_NOT_FOUND &&
            !error_is_remote(err, "ReplicationGroupNotFoundFault") &&
            !error_is_remote(err, "ReplicationGroupNotFound"))
            err->code = ERROR_SERVICE;
        return false;
    }
    const struct xml *groups = xml_find(answer.result, "ReplicationGroups");
    for (const struct xml *found = xml_first(groups, "ReplicationGroup"); found;
         found = xml_next(found, "ReplicationGroup")) {
        const char *id = xml_text(found, "ReplicationGroupId");
        if (!id || strcasecmp(id, group) == 0)
            return group_read(found, out, err);
    }
    return error_set(err, ERROR_NOT_FOUND, "there is no replication group '%s'", group);
}
