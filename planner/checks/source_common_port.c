#include "planner/checks/check.h"

#include <string.h>

static const char *port_of(const struct observed_node *node) {
    const char *address = observed_service_address(node);
    const char *colon = address ? strrchr(address, ':') : NULL;
    return colon ? colon + 1 : NULL;
}

/* The one that most nodes use; the first of equals. */
static const char *usual_port(const struct observed_source *source) {
    const char *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < source->nodes.count && most <= source->nodes.count / 2; i++) {
        const char *port = port_of(&source->nodes.items[i]);
        size_t count = 0;
        for (size_t k = 0; port && k < source->nodes.count; k++)
            count += check_is(port_of(&source->nodes.items[k]), port);
        if (count > most) {
            best = port;
            most = count;
        }
    }
    return best;
}

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_source *source = &input->observed->source;
    const char *usual = input->situation->clustered ? usual_port(source) : NULL;
    for (size_t i = 0; usual && i < source->nodes.count; i++) {
        const struct observed_node *node = &source->nodes.items[i];
        const char *port = port_of(node);
        if (port && !check_is(port, usual))
            check_found(input, out, node->address, "its port is not %s, which the other nodes use",
                        usual);
    }
}

const struct check check_source_common_port = {
    .title = "All nodes of the cluster listen on the same port",
    .reads = "CLUSTER NODES; CONFIG GET port",
    .cause = "The migration guide requires that all instances of the source listen on the same "
             "port: ElastiCache is given one address and finds the others itself.",
    .risk = "StartMigration is refused, or shards cannot be reached.",
    .remedy = "move the nodes to a common port (add replicas there, and fail over to them)",
    .severity = SEVERITY_ERROR,
    .run = run,
};
