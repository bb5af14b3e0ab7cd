#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const char *master = input->config->source.sentinel_master;
    if (input->config->source.topology == TOPOLOGY_SENTINEL && !input->situation->promoted)
        check_found(input, out, master ? master : "Sentinel",
                    "the Sentinels will list the target as a replica of the source");
}

const struct check check_source_sentinel_replica = {
    .title = "The Sentinels do not list the target as a replica",
    .reads = "file: source.topology",
    .cause = "The target replicates like any replica, so the Sentinels find it in INFO of the "
             "primary and list it; ecmig itself may be listed for a while as 127.0.0.1:0.",
    .risk = "A failover of the source before the cutover could choose the target or try to "
            "reconfigure it; afterwards the target stays on the list.",
    .remedy = "CONFIG SET replica-priority 1 on the source's own replicas makes the Sentinels "
              "prefer them; avoid failovers during the migration; afterwards run SENTINEL RESET of "
              "the master on each Sentinel in turn to remove the target",
    .severity = SEVERITY_NOTE,
    .run = run,
};
