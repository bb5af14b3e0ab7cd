#include "planner/checks/check.h"

#include <string.h>

#define PORT_DEFAULT "6379" /* of a group that is created without another */

static const char *port_of(const char *address) {
    const char *colon = address ? strrchr(address, ':') : NULL;
    return colon ? colon + 1 : NULL;
}

static const char *port_of_target(const struct observed_target *target) {
    if (!target->exists)
        return PORT_DEFAULT;
    return port_of(target->primary ? target->primary : target->configuration);
}

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const struct situation *situation = input->situation;
    const char *ours = port_of(observed_service_address(node));
    const char *theirs = port_of_target(&input->observed->target);
    if (!ours || !theirs || check_is(ours, theirs) || !input->observed->target.reachable ||
        situation->replicating || situation->promoted || situation_service_is_local(situation))
        return;
    check_found(input, out, node->address, "it listens on another port than the target, %s",
                theirs);
}

const struct check check_source_other_port = {
    .title = "The source listens on the target's port",
    .reads = "file: source.nodes; CONFIG GET port; DescribeReplicationGroups endpoints",
    .cause = "One of AWS's pages asks that the source listens on the same port as the target; the "
             "migration guide asks only that all instances of the source listen on one port, and "
             "StartMigration is given the source's port.",
    .risk = "If the service insists on it, TestMigration or StartMigration is refused, before "
            "anything is copied.",
    .remedy = "keep replication.test on, so that a refusal comes before the start; if it is "
              "refused, move the source to the target's port",
    .severity = SEVERITY_NOTE,
    .facts = "tcp_port",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
