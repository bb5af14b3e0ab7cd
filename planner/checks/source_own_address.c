#include <stdlib.h>
#include <string.h>

#include "planner/checks/check.h"

static int64_t number(const char *digits) {
    return digits ? strtoll(digits, NULL, 10) : 0;
}

/* With TLS the port asked is not tcp_port; where CONFIG may not be asked it is not known. */
static bool is_own_port(const struct check_input *input, const struct observed_node *node,
                        int64_t port) {
    const char *tls_port = pairs_find(&node->settings, "tls-port");
    return !node->listens_on || port == node->listens_on ||
           (tls_port ? port == number(tls_port) : config_tls_is_given(&input->config->source.tls));
}

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const char *colon = node->address ? strrchr(node->address, ':') : NULL;
    if (node->shares_address)
        check_found(input, out, node->address, "connections to it reach different servers");
    else if (colon && !is_own_port(input, node, number(colon + 1)))
        finding_detail(check_found_as(input, out, SEVERITY_WARNING, node->address,
                                      "the server that answers there listens on another port"),
                       "it says %lld", (long long)node->listens_on);
}

const struct check check_source_own_address = {
    .title = "The source's address is the server's own",
    .reads = "INFO run_id of several connections, tcp_port; CONFIG GET tls-port",
    .cause =
        "A load balancer, a proxy or a translation of ports stands between: the address always "
        "has to reach the same server.",
    .risk = "Replication and the cutover talk to different servers; an idle time-out between them "
            "cuts the link, and a failover behind the address changes the source unnoticed.",
    .remedy = "name the server itself in source.nodes, by an address that the target can reach",
    .severity = SEVERITY_ERROR,
    .facts = "run_id tcp_port",
    .unread = SEVERITY_WARNING,
    .any_engine = true,
    .run_primary = run_primary,
};
