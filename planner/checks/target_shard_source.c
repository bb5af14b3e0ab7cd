#include "planner/checks/check.h"

#include <string.h>

#include "planner/layout.h"
#include "schemas/base/memory.h"

/* Another of the source's own servers than the primary. */
static bool follows_another(const struct check_input *input, const char *primary,
                            const char *followed) {
    int at = situation_node_index(input->situation, followed, strlen(followed));
    return at >= 0 && !check_is(primary, input->observed->source.nodes.items[at].address);
}

static void check_shard(const struct check_input *input, const struct observed_target_shard *shard,
                        struct findings *out) {
    AUTO(string_free) char *subject = check_target_shard(shard);
    const struct observed_shard *own = layout_find(&input->observed->source, shard->slots);
    if (!shard->replicates_from) {
        if (!shard->problem)
            check_found(input, out, subject, "the shard does not follow the source, but others do");
    } else if (own && follows_another(input, own->primary, shard->replicates_from)) {
        finding_detail(
            check_found(input, out, subject, "the shard follows a server that is not its primary"),
            "slots %s are served by %s, the shard follows %s", shard->slots, own->primary,
            shard->replicates_from);
    }
}

/* Behind Sentinel the group is one shard, and the primary may have become another. */
static void check_group(const struct check_input *input, const struct observed_target *target,
                        struct findings *out) {
    const struct observed_node *primary = input->situation->primary;
    const char *from = target->replicates_from;
    if (from && primary && !situation_is_node(primary, from, strlen(from)))
        finding_detail(check_found(input, out, check_target(input),
                                   "the group follows a server that is no longer the primary"),
                       "the Sentinels name %s, the group follows %s", primary->address, from);
}

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    if (!input->situation->replicating || input->situation->promoted)
        return;
    if (input->config->source.topology == TOPOLOGY_SENTINEL)
        check_group(input, target, out);
    for (size_t i = 0; input->situation->clustered && i < target->shard_list.count; i++)
        check_shard(input, &target->shard_list.items[i], out);
}

const struct check check_target_shard_source = {
    .title = "Every shard of the target follows its shard of the source",
    .reads = "INFO master_host of each shard of the target",
    .cause =
        "The primary of each shard of the target must replicate from the primary that serves the "
        "same slots. One follows no server, or another server: perhaps the source failed over.",
    .risk = "Writes to that shard do not reach the target; ElastiCache does not follow a failover "
            "of the source.",
    .remedy = "fail the source back to the server that is followed, or abort and start again: "
              "ecmig abort",
    .severity = SEVERITY_ERROR,
    .run_target = run_target,
};
