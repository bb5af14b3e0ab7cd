/* ecmig local: the group of commands about the endpoint on this machine. */
#include "cmd/local.h"

bool local_dir(const struct call *call, const char **out, struct error *err) {
    const char *dir = options_string(call->options, "dir");
    if (!dir) {
        error_set(err, ERROR_USAGE, "--dir is missing");
        return error_hint(err, "name the folder of the endpoint: --dir DIR");
    }
    *out = dir;
    return true;
}

const struct command command_local = {
    .name = "local",
    .workflow = WORKFLOW_LOCAL,
    .examples = "ecmig local up --dir local --keys 10000 --writes 100\n"
                "ecmig local down --dir local",
    .touches = "this machine",
    .summary = "Run ElastiCache on this machine, on real redis-server processes",
    .description =
        "A loopback server that speaks the ElastiCache Query API and STS GetCallerIdentity, checks "
        "signatures, and keeps each cache node as a redis-server or valkey-server process. The AWS "
        "command line works against it: set the variables that 'ecmig local up' prints. What it "
        "writes is in one folder; 'local down' ends every process, 'local up' goes on where it "
        "was, "
        "also after the endpoint was killed.\n"
        "\n"
        "Known differences from the service:\n"
        "\n"
        "  Snapshots, AUTH tokens, user groups, engine upgrades, and changes of the number of\n"
        "  shards, of replicas or of the cluster mode of a group are refused.\n"
        "  While a group with cluster mode migrates, CLUSTER NODES, SLOTS and SHARDS of its nodes\n"
        "  name the source's nodes, and its replicas follow the source's primaries directly.\n"
        "  Another layout of slots is taken over from the source while the group is empty: no "
        "slot\n"
        "  is moved one by one. The configuration endpoint is the address of a primary.\n"
        "  Engine versions are those of the server binaries found; 7.0 takes the newest 7.0.x.\n"
        "  PSYNC, SYNC and CLUSTER are not refused on nodes: replicas and clients need them.\n"
        "  Encryption in transit is described as asked for and refuses a migration, but nodes\n"
        "  speak plain TCP. Data at rest is not encrypted.\n"
        "  Every node listens on one common port; Port is not looked at.\n"
        "  Subnet groups and security groups exist by being named.\n"
        "  Modifications are applied at once, with or without ApplyImmediately.\n"
        "  Protected mode of a source is read from its settings: it never refuses loopback.\n"
        "  Endpoints are addresses, so a primary endpoint changes with a failover.\n"
        "  Texts of events that AWS does not document are our own.",
};
