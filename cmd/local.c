/* ecmig local: the group of commands about the endpoint on this machine. */
#include "cmd/local.h"

bool local_dir(const struct call *call, const char **out, struct error *err) {
    const char *dir = options_string(call->options, "dir");
    if (!dir) {
        error_set(err, ERROR_USAGE, "--dir is missing");
        return error_hint(err, "name the endpoint's folder: --dir DIR");
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
    .summary = "Run ElastiCache on this machine, with real redis-server processes",
    .description =
        "A loopback server that speaks the ElastiCache Query API and STS GetCallerIdentity, checks "
        "signatures, and keeps each cache node as a redis-server or valkey-server process. The AWS "
        "command line works against it: set the variables that 'ecmig local up' prints. It writes "
        "to one folder only. 'local down' ends every process; 'local up' continues with the same "
        "state, also after the endpoint was killed.\n\nKnown differences from the service:\n\n  "
        "Snapshots, AUTH tokens, user groups, engine upgrades, and changes of the number of\n  "
        "shards, of replicas or of the cluster mode of a group are refused.\n  While a group with "
        "cluster mode migrates, CLUSTER NODES, SLOTS and SHARDS of its nodes\n  name the source's "
        "nodes, and its replicas follow the source's primaries directly.\n  While the group is "
        "empty, it takes over a different slot layout from the source at once:\n  slots are not "
        "moved one by one. The configuration endpoint is the address of a primary.\n  Engine "
        "versions are those of the installed server binaries; 7.0 selects the newest 7.0.x.\n  "
        "PSYNC, SYNC and CLUSTER are not refused on nodes: replicas and clients need them.\n  "
        "Encryption in transit is described as requested and makes the service refuse a "
        "migration,\n  but nodes speak plain TCP. Data at rest is not encrypted.\n  All nodes "
        "listen on the same port; the Port parameter is ignored.\n  Any name of a subnet group or "
        "security group is accepted.\n  Modifications are applied at once, with or without "
        "ApplyImmediately.\n  The protected mode of a source is read from its settings, because a "
        "server never refuses\n  loopback connections.\n  Endpoints are addresses, so a primary "
        "endpoint changes with a failover.\n  Texts of events that AWS does not document are our "
        "own.",
};
