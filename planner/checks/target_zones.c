#include "planner/checks/check.h"

#include <string.h>

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->outpost)
        check_found(input, out, check_target(input), "the group is on an Outpost");
    /* us-west-2a is a zone of its region, us-west-2-lax-1a a Local Zone near it. */
    for (size_t i = 0; i < target->zones.count; i++) {
        const char *zone = target->zones.items[i];
        size_t hyphens = 0;
        for (const char *at = zone; *at; at++)
            hyphens += *at == '-';
        size_t usual = strncmp(zone, "us-gov-", 7) == 0 || strncmp(zone, "us-iso", 6) == 0 ? 3 : 2;
        if (hyphens > usual)
            check_found(input, out, check_target(input), "%s is a Local Zone", zone);
    }
}

const struct check check_target_zones = {
    .title = "The target is in a region proper",
    .reads = "DescribeReplicationGroups PreferredAvailabilityZone, MemberClustersOutpostArns",
    .cause =
        "Its nodes are in a Local Zone or on an Outpost, where online migration is not offered.",
    .risk = "StartMigration is refused.",
    .remedy = "choose a subnet group in availability zones of the region",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
