/* ecmig lock: the group of commands about the lock of a migration. */
#include "cmd/frame/command.h"

const struct command command_lock = {
    .name = "lock",
    .workflow = WORKFLOW_RECOVER,
    .examples = "ecmig lock show orders.yaml\n"
                "ecmig lock break orders.yaml --nonce NONCE --reason 'build7 is gone'",
    .touches = "state",
    .summary = "Show or break the lock of a migration",
    .description =
        "A run holds its migration's lock for 15 minutes and renews it with each commit. A lock "
        "whose holder died on the same machine is taken over at once; one that expired is taken "
        "over when it has not been renewed for six minutes of watching. 'lock break' is the only "
        "way to take a lock that is alive.",
};
