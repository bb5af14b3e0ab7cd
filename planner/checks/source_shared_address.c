#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_source *source = &input->observed->source;
    for (size_t i = 0; i < source->strangers.count; i++) {
        const struct observed_stranger *stranger = &source->strangers.items[i];
        finding_detail(check_found(input, out, stranger->address,
                                   "a replica of %s does not have its own address",
                                   stranger->seen_at),
                       "INFO replication of %s lists it; %s", stranger->seen_at, stranger->why);
    }
}

const struct check check_source_shared_address = {
    .title = "Every replica of the source has its own address",
    .reads = "INFO replication of each node; INFO run_id at each address that it lists",
    .cause = "A replica is connected whose listed address leads to another server: several "
             "replicas announce one address (replica-announce-ip, replica-announce-port), or an "
             "address translation is between them and their primary.",
    .risk = "A replica that cannot be reached cannot be fenced: if it is promoted during the "
            "cutover, it accepts writes that are not copied.",
    .remedy =
        "on each replica set replica-announce-ip and replica-announce-port (slave-announce-ip and "
        "-port before 5.0) to an address that reaches it from here, then run REPLICAOF to its "
        "primary again; or end its replication with REPLICAOF NO ONE",
    .severity = SEVERITY_ERROR,
    .run = run,
};
