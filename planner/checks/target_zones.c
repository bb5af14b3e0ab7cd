#include "planner/checks/check.h"

#include <string.h>

/* us-west-2a is a zone of its region, us-west-2-lax-1a a Local Zone near it. */
static bool is_local_zone(const char *region, const char *zone) {
    size_t length = region ? strlen(region) : 0;
    return length && strncmp(zone, region, length) == 0 && zone[length] == '-';
}

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->outpost)
        check_found(input, out, check_target(input), "the group is on an Outpost");
    for (size_t i = 0; i < target->zones.count; i++)
        if (is_local_zone(target->region, target->zones.items[i]))
            check_found(input, out, check_target(input), "%s is a Local Zone",
                        target->zones.items[i]);
}

const struct check check_target_zones = {
    .title = "The target is not in a Local Zone or on an Outpost",
    .reads = "DescribeReplicationGroups PreferredAvailabilityZone, MemberClustersOutpostArns",
    .cause =
        "Its nodes are in a Local Zone or on an Outpost, where online migration is not supported.",
    .risk = "StartMigration is refused.",
    .remedy = "choose a subnet group in availability zones of the region",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
