/* ecmig lock: the group of commands about the lock of a migration. */
#include "cmd/frame/command.h"

const struct command command_lock = {
    .name = "lock",
    .workflow = WORKFLOW_RECOVER,
    .examples = "ecmig lock show orders.yaml\n"
                "ecmig lock break orders.yaml --nonce NONCE --reason 'build7 is gone'",
    .touches = "state",
    .summary = "Show or break the lock of a migration",
    .description = "A run holds its migration's lock for 15 minutes and renews it with each "
                   "commit. If the holder died on the same machine, the lock is taken over at "
                   "once; an expired lock is taken over if it is not renewed during six minutes of "
                   "watching. Only 'lock break' can take a lock that is not expired.",
};
