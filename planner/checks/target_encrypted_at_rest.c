#include "planner/checks/check.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (target->at_rest_encryption)
        check_found(input, out, check_target(input),
                    "encrypted at rest, which older editions of the migration guide forbid");
}

const struct check check_target_encrypted_at_rest = {
    .title = "Encryption at rest does not prevent the migration",
    .reads = "DescribeReplicationGroups AtRestEncryptionEnabled",
    .cause = "The migration guide forbade it until 2023 and has not mentioned it since; Valkey "
             "groups are encrypted at rest by default.",
    .risk = "An older engine may refuse to start the migration. No data is at risk.",
    .remedy = "TestMigration shows whether it works; waive this finding when that is confirmed for "
              "your engine",
    .severity = SEVERITY_WARNING,
    .waivable = true,
    .run_target = run_target,
};
