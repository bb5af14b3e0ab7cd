#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_node *node = input->now->primary;
    const struct observed_target *target = &input->observed->target;
    const struct pairs *theirs =
        target->exists ? &target->parameters : &input->config->target.parameters;
    if (!target->reachable || !node || !node->reachable)
        return;
    const char *ours = pairs_find(&node->settings, "maxmemory-policy");
    const char *policy = pairs_find(theirs, "maxmemory-policy");
    if (!policy && !target->exists)
        policy = "volatile-lru"; /* the default of every parameter group family */
    if (ours && policy && !check_is(ours, policy))
        check_found(input, out, check_target(input), "maxmemory-policy is %s, on the source %s",
                    policy, ours);
}

const struct check check_target_eviction = {
    .title = "Source and target evict by the same rule",
    .cause = "maxmemory-policy differs. ElastiCache's default is volatile-lru, Redis' is "
             "noeviction.",
    .risk = "After the cutover a full target may drop keys that the source would have kept, or "
            "refuse writes where it dropped.",
    .remedy = "set target.parameters.maxmemory-policy, or waive this finding",
    .severity = SEVERITY_WARNING,
    .run = run,
};
