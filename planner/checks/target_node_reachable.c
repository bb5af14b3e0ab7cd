#include "planner/checks/check.h"

#include "schemas/base/memory.h"

static void check_shards(const struct check_input *input, const struct observed_target *target,
                         struct findings *out) {
    for (size_t i = 0; i < target->shard_list.count; i++) {
        const struct observed_target_shard *shard = &target->shard_list.items[i];
        AUTO(string_free) char *subject = check_target_shard(shard);
        if (shard->problem)
            finding_detail(check_found(input, out, subject,
                                       "the shard's primary does not answer INFO from here"),
                           "%s", shard->problem);
    }
}

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    bool coming = check_is(target->status, "creating");
    bool asked = !target->transit_encryption || config_tls_later(&input->config->target);
    if (coming || !asked || target->serverless)
        return;
    if (target->shard_list.count) {
        check_shards(input, target, out);
        return;
    }
    if (target->node_reachable)
        return;
    struct finding *finding = check_found(input, out, check_target(input),
                                          "the target's primary does not answer INFO from here");
    if (target->node_problem)
        finding_detail(finding, "%s", target->node_problem);
    if (target->auth)
        finding_remedy(finding, "the group asks for a login: set target.after_cutover.username and "
                                "password (or auth_token), and allow this machine in the target's "
                                "security group");
    else if (target->transit_encryption)
        finding_remedy(finding, "the group has TLS: check target.after_cutover.ca_file, and allow "
                                "this machine in the target's security group");
}

const struct check check_target_node_reachable = {
    .title = "The target's nodes can be reached from here",
    .reads = "INFO of the target",
    .cause = "The service does not report the progress of the copy: only INFO of the target's "
             "primary does, and it did not answer from this machine.",
    .risk = "ecmig could not see when the target is in sync, compare it, or confirm the cutover.",
    .remedy = "run ecmig where the target's subnets can be reached, and allow this machine in the "
              "target's security group",
    .severity = SEVERITY_ERROR,
    .when_aborting = true,
    .run_target = run_target,
};
