#include "planner/checks/check.h"
#include "planner/modify.h"
#include "planner/rdb.h"

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const char *engine = situation_target_engine(input->situation);
    const char *version = modify_version(input->situation);
    enum rdb_verdict verdict = rdb_verdict(node->engine, node->version, engine, version);
    if (verdict != RDB_REFUSED && verdict != RDB_DOUBTFUL)
        return;
    struct finding *finding =
        verdict == RDB_REFUSED
            ? check_found(input, out, node->address, "%s %s cannot load the snapshot of %s %s",
                          engine, version, node->engine, node->version)
            : check_found_as(input, out, SEVERITY_WARNING, node->address,
                             "%s %s may not be able to load the snapshot of %s %s", engine, version,
                             node->engine, node->version);
    finding_detail(finding, "the source writes RDB version %d, the target's own is %d",
                   rdb_version(node->engine, node->version), rdb_version(engine, version));
}

const struct check check_source_rdb_version = {
    .title = "The target can load the source's snapshot",
    .reads = "INFO redis_version, server_name; engine of the target",
    .cause = "A replica loads snapshots (RDB) of its own format version and older ones; Valkey "
             "refuses the snapshots of Redis 7.4 and newer.",
    .risk = "The target empties itself, fails to load, retries, and the migration ends with "
            "'invalid RDB received'.",
    .remedy = "choose a newer target engine; no ElastiCache engine can load the snapshot of Redis "
              "7.4 and newer: export and import instead",
    .severity = SEVERITY_ERROR,
    .facts = "version",
    .unread = SEVERITY_WARNING,
    .run_primary = run_primary,
};
