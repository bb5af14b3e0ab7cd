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
    else if (node->is_translated)
        finding_detail(
            check_found_as(input, out, SEVERITY_WARNING, node->address,
                           "the source is behind an address translation"),
            "our connection arrives at %s, the server's own address; the target's connection will "
            "show a translated address, and is told from a replica by counting",
            node->answers_at);
    else if (colon && !is_own_port(input, node, number(colon + 1)))
        finding_detail(check_found_as(input, out, SEVERITY_WARNING, node->address,
                                      "the server that answers there listens on another port"),
                       "it reports %lld", (long long)node->listens_on);
}

const struct check check_source_own_address = {
    .title = "The source's address is the server's own",
    .reads = "INFO run_id of several connections, tcp_port; CLIENT INFO laddr; CONFIG GET tls-port",
    .cause = "A load balancer, a Kubernetes service, a proxy or a translation of addresses or "
             "ports is in between: the address must always reach the same server.",
    .risk = "If it distributes connections over several servers, replication and the cutover reach "
            "different ones. If it is in front of a single server it works, but an idle timeout "
            "shorter than repl-ping-replica-period cuts the link, a failover behind it changes the "
            "source unnoticed, and ecmig must run where the replicas can be reached.",
    .remedy =
        "name the server itself in source.nodes, or configure the balancer with this server only",
    .severity = SEVERITY_ERROR,
    .facts = "run_id tcp_port",
    .unread = SEVERITY_WARNING,
    .any_engine = true,
    .run_primary = run_primary,
};
