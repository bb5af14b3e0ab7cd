#include "planner/checks/check.h"

#include <stdio.h>
#include <string.h>

enum place { PLACE_PRIVATE, PLACE_LOOPBACK, PLACE_PUBLIC, PLACE_NAME };

/* Private: RFC 1918, link-local, and the range carriers and container networks share. Private and
 * public IPv6 are not told apart: a VPC has both. */
static enum place place_of(const char *address) {
    unsigned a, b, c, d;
    if (strncmp(address, "[::1]", 5) == 0 || strncmp(address, "localhost:", 10) == 0)
        return PLACE_LOOPBACK;
    if (sscanf(address, "%3u.%3u.%3u.%3u", &a, &b, &c, &d) != 4)
        return address[0] == '[' ? PLACE_PRIVATE : PLACE_NAME;
    if (a == 127)
        return PLACE_LOOPBACK;
    bool is_private = a == 10 || (a == 172 && b >= 16 && b <= 31) || (a == 192 && b == 168) ||
                      (a == 169 && b == 254) || (a == 100 && b >= 64 && b <= 127);
    return is_private ? PLACE_PRIVATE : PLACE_PUBLIC;
}

/* A replica of a cluster may be the next primary, and is told to the target like any other. */
static void check_one(const struct check_input *input, const struct observed_node *node,
                      struct findings *out) {
    enum place place = place_of(node->address);
    if (place == PLACE_PUBLIC)
        check_found(input, out, node->address, "the source's address is public");
    if (place == PLACE_LOOPBACK && !situation_service_is_local(input->situation))
        check_found(input, out, node->address,
                    "the source's address is a loopback address of this machine");
    if (place == PLACE_NAME)
        check_found_as(
            input, out, SEVERITY_NOTE, node->address,
            "the source is given by name; the name must resolve inside the target's network");
}

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_source *source = &input->observed->source;
    for (size_t i = 0; i < source->nodes.count; i++) {
        const struct observed_node *node = &source->nodes.items[i];
        if (node->address &&
            (input->situation->clustered || situation_is_primary(input->situation, node)))
            check_one(input, node, out);
    }
}

const struct check check_source_address = {
    .title = "The target can use the source's address",
    .reads = "file: source.nodes; addresses that the nodes announce",
    .cause = "ElastiCache connects from inside its VPC to the address in source.nodes and to the "
             "addresses that the nodes of a cluster announce; they must be private. The newest "
             "migration guide names only sources on Amazon EC2; earlier editions also have sources "
             "that a VPN or Direct Connect reaches.",
    .risk = "StartMigration fails, or another host answers under that name.",
    .remedy = "name the source by the private IP address that the target's subnets can reach; on a "
              "cluster, set cluster-announce-ip",
    .severity = SEVERITY_ERROR,
    .any_engine = true,
    .run = run,
};
