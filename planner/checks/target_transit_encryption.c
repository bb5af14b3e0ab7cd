#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->transit_encryption)
        check_found(input, out, check_target(input), "in-transit encryption is on");
}

const struct check check_target_transit_encryption = {
    .title = "In-transit encryption of the target is off",
    .reads = "DescribeReplicationGroups TransitEncryptionEnabled",
    .cause = "Every edition of the migration guide requires it to be off during the migration.",
    .risk = "StartMigration is refused.",
    .remedy = "migrate to a group without TLS and turn it on afterwards (Valkey, and Redis OSS 7.0 "
              "and newer, can do so without an interruption)",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
