#include "planner/checks/check.h"
#include "planner/modify.h"

static const char *policy_of(const struct check_input *input) {
    const struct observed_target *target = &input->observed->target;
    const struct pairs *theirs =
        target->exists && !modify_changes(input->situation, "parameters.maxmemory-policy")
            ? &target->parameters
            : &input->config->target.parameters;
    const char *policy = pairs_find(theirs, "maxmemory-policy");
    if (!policy && !target->exists)
        policy = "volatile-lru"; /* the default of every parameter group family */
    return policy;
}

/* Once for each policy of the source that is another. */
static void run(const struct check_input *input, struct findings *out) {
    AUTO(strings_clear) struct strings said = { 0 };
    const char *policy = policy_of(input);
    const struct observed_node *node;
    struct primary_walk walk = { 0 };
    while (input->observed->target.reachable && policy &&
           (node = situation_next_primary(input->situation, &walk))) {
        const char *ours = node->reachable ? pairs_find(&node->settings, "maxmemory-policy") : NULL;
        if (!ours || check_is(ours, policy) || strings_has(&said, ours))
            continue;
        strings_add(&said, ours);
        check_found(input, out, check_target(input), "maxmemory-policy is %s, on the source %s",
                    policy, ours);
    }
}

const struct check check_target_eviction = {
    .title = "Source and target have the same eviction policy",
    .reads = "CONFIG GET maxmemory-policy; DescribeCacheParameters",
    .cause =
        "maxmemory-policy differs. ElastiCache's default is volatile-lru, Redis's is noeviction.",
    .risk = "After the cutover, a full target may evict keys that the source would have kept, or "
            "refuse writes where the source evicted.",
    .remedy = "set target.parameters.maxmemory-policy, or waive this finding",
    .severity = SEVERITY_WARNING,
    .target_facts = "parameter:maxmemory-policy",
    .target_unread = SEVERITY_WARNING,
    .run = run,
};
