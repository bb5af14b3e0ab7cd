/* Which differences of a group that exists the plan fixes, and why it leaves the others. */
#pragma once

#include "planner/diff.h"
#include "planner/situation.h"

enum modify_part {
    MODIFY_GROUP,    /* by ModifyReplicationGroup */
    MODIFY_REPLICAS, /* by IncreaseReplicaCount */
    MODIFY_TAGS,
};

/* What changes this field, as "multi_az". */
enum modify_part modify_part_of(const char *field);
/* Steps may change the group now: it exists, is nobody else's, and nothing is under way with it. */
bool modify_is_possible(const struct situation *situation);
/* Why this difference is not a step of a plan, as a remedy; NULL when it is one. */
const char *modify_obstacle(const struct situation *situation, const struct difference *difference);
/* A step attaches a parameter group of its own, in place of the service's default. */
bool modify_gets_parameter_group(const struct situation *situation);
/* The differences of one part that the plan fixes. */
void modify_differences(const struct situation *situation, enum modify_part part,
                        struct differences *out);
/* Is there any? */
bool modify_has_differences(const struct situation *situation, enum modify_part part);
/* Of each shard, once the steps of the plan are done. */
int64_t modify_replicas(const struct situation *situation);
/* As the copy meets them, after the steps that change the group; may be NULL. */
const char *modify_version(const struct situation *situation);
const char *modify_node_type(const struct situation *situation);
const char *modify_parameter(const struct situation *situation, const char *name);
/* TLS can be switched on for a group that exists: not before Redis OSS 7. */
bool tls_is_offered(const struct situation *situation);
/* A step of the plan changes this field, as "multi_az". */
bool modify_changes(const struct situation *situation, const char *field);
