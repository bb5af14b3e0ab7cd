#include "planner/databases.h"

#include <string.h>

#include "planner/modify.h"
#include "planner/version.h"
#include "schemas/base/number.h"

#define DATABASES_DEFAULT 16 /* of every ElastiCache parameter group family */
#define CLUSTER_DEFAULT 1    /* of the engine; the service's page says 0, and means the same */

const char *databases_parameter(const struct situation *situation) {
    const char *engine = situation_target_engine(situation);
    if (!situation_target_clustered(situation))
        return "databases";
    bool has_many = engine && strcmp(engine, "valkey") == 0 &&
                    version_at_least(modify_version(situation), 9, 0, 0);
    return has_many ? "cluster-databases" : NULL;
}

int64_t databases_of_target(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    const char *parameter = databases_parameter(situation);
    const char *value = parameter ? modify_parameter(situation, parameter) : NULL;
    bool clustered = situation_target_clustered(situation);
    if (!target->reachable || (target->exists && !clustered && !value))
        return 0;
    int64_t count = number_or(value, 0);
    return count > 0 ? count : clustered ? CLUSTER_DEFAULT : DATABASES_DEFAULT;
}
