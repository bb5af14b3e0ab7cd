#include "planner/checks/check.h"

#include <string.h>

#include "schemas/base/memory.h"

/* By shard: one that follows ours does not make the others ours. */
static bool is_foreign(const struct check_input *input, const char *from) {
    return from && situation_node_index(input->situation, from, strlen(from)) < 0 &&
           !check_is(input->observed->history.started_from, from);
}

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (is_foreign(input, target->replicates_from))
        check_found(input, out, check_target(input), "the group already replicates from %s",
                    target->replicates_from);
    for (size_t i = 0; i < target->shard_list.count; i++) {
        const struct observed_target_shard *shard = &target->shard_list.items[i];
        AUTO(string_free) char *subject = check_target_shard(shard);
        if (is_foreign(input, shard->replicates_from))
            finding_detail(check_found(input, out, subject,
                                       "the shard already replicates from another source"),
                           "from %s", shard->replicates_from);
    }
}

const struct check check_target_other_source = {
    .title = "The target does not follow another source",
    .reads = "INFO master_host, master_port of the target",
    .cause =
        "INFO of the target's primary names a primary that is not the source of this migration.",
    .risk = "Another migration is in progress; completing it would promote that source's data.",
    .remedy = "choose another target, or let the other migration finish first",
    .severity = SEVERITY_ERROR,
    .when_aborting = true,
    .run_target = run_target,
};
