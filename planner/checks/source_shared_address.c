#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_source *source = &input->observed->source;
    for (size_t i = 0; i < source->strangers.count; i++) {
        const struct observed_stranger *stranger = &source->strangers.items[i];
        finding_detail(check_found(input, out, stranger->address,
                                   "a replica of %s has no address of its own", stranger->seen_at),
                       "INFO replication of %s lists it; %s", stranger->seen_at, stranger->why);
    }
}

const struct check check_source_shared_address = {
    .title = "Every replica of the source has an address of its own",
    .reads = "INFO replication of each node; INFO run_id at each address that it lists",
    .cause =
        "A replica is connected whose listed address leads to another server: several replicas "
        "announce one address (replica-announce-ip, replica-announce-port), or a translation of "
        "addresses stands between them and the server they follow.",
    .risk =
        "A replica that cannot be reached cannot be fenced: promoted during the cutover, it takes "
        "writes that nobody copies.",
    .remedy =
        "on each replica set replica-announce-ip and replica-announce-port (slave-announce-ip "
        "and -port before 5.0) to an address that reaches it from here, then REPLICAOF to its "
        "primary again; or end its replication with REPLICAOF NO ONE",
    .severity = SEVERITY_ERROR,
    .run = run,
};
