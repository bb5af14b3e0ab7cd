#include <string.h>

#include "providers/observe/observe.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define WITHIN_MS 5000 /* networks without a way to IAM are common, and a plan does without it */

/* Of the group as it is named, in the partition that the caller's own ARN has. */
static char *group_arn(const struct config *config, const struct observed_target *target) {
    const char *partition = strncmp(target->caller, "arn:", 4) == 0 ? target->caller + 4 : "aws";
    return target->arn ? xstrdup(target->arn)
                       : xasprintf("arn:%.*s:elasticache:%s:%s:replicationgroup:%s",
                                   (int)strcspn(partition, ":"), partition, target->region,
                                   target->account, config->target.replication_group);
}

void observe_rights(const struct config *config, struct elasticache *service,
                    const struct strings *actions, struct observed_target *target) {
    AUTO(service_rights_clear) struct service_rights rights = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    if (!service || !target->caller || !actions->count)
        return;
    AUTO(string_free) char *group = group_arn(config, target);
    const struct rights_question question = { target->caller, actions, group };
    if (!elasticache_simulate(service, &question, clock_mono_ms() + WITHIN_MS, &rights, &err)) {
        string_replace(&target->rights_problem, err.message);
        return;
    }
    strings_copy(&target->denied_actions, &rights.denied);
    strings_copy(&target->unclear_actions, &rights.unclear);
}
