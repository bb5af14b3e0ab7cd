#include "planner/checks/check.h"

#include <inttypes.h>
#include <string.h>

#include "schemas/base/memory.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_agreement *seen = &input->observed->source.agreement;
    const char *master = input->config->source.sentinel_master;
    if (input->config->source.topology != TOPOLOGY_SENTINEL)
        return;
    for (size_t i = 0; i < seen->sentinel_problems.count; i++) {
        const char *problem = seen->sentinel_problems.items[i];
        const char *colon = strstr(problem, ": ");
        AUTO(string_free)
        char *address = xstrndup(problem, colon ? (size_t)(colon - problem) : strlen(problem));
        struct finding *finding =
            check_found_as(input, out, SEVERITY_WARNING, address,
                           "the Sentinel is not healthy, or does not agree with the others");
        if (colon)
            finding_detail(finding, "%s", colon + 2);
    }
    if (!seen->sentinels)
        check_found(input, out, master ? master : "Sentinel", "no Sentinel answers");
    else if (seen->sentinels < seen->quorum)
        finding_detail(check_found(input, out, master ? master : "Sentinel",
                                   "fewer Sentinels answer than the quorum requires"),
                       "%" PRId64 " of them, the quorum is %" PRId64, seen->sentinels,
                       seen->quorum);
}

const struct check check_source_sentinels = {
    .title = "The Sentinels are healthy and agree",
    .reads = "SENTINEL MASTER, REPLICAS, SENTINELS",
    .cause = "Sentinels of source.nodes do not answer, do not know source.sentinel_master, or name "
             "a different primary than the others.",
    .risk = "A failover that some of them have started would move the writers while the migration "
            "follows the old primary; without a quorum there is no failover at all.",
    .remedy = "repair the Sentinels (SENTINEL CKQUORUM and SENTINEL SENTINELS show their state), "
              "then plan again",
    .severity = SEVERITY_ERROR,
    .run = run,
};
