#include "planner/checks/check.h"
#include "schemas/base/memory.h"

#define ADVICE "ecmig explain iam FILE prints the policy; a role that only plans may waive this"

static void name_all(const struct check_input *input, struct findings *out, enum severity severity,
                     const struct strings *actions, const char *words) {
    if (!actions->count)
        return;
    AUTO(string_free) char *names = strings_join(actions, ", ");
    struct finding *finding =
        check_found_as(input, out, severity, check_target(input), "%s%s", words, names);
    finding_detail(finding, "these are the credentials of %s",
                   input->observed->target.caller ? input->observed->target.caller : "?");
}

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    /* An abort gives the source back to the writers no matter what IAM says: the answer is reported
     * and does not block. */
    bool aborts = input->situation->mode == PLAN_ABORT;
    name_all(input, out, aborts ? SEVERITY_WARNING : SEVERITY_ERROR, &target->denied_actions,
             "these credentials may not send ");
    name_all(input, out, SEVERITY_WARNING, &target->unclear_actions,
             "a condition decides whether these credentials may send ");
    if (!target->rights_problem)
        return;
    struct finding *finding =
        check_found_as(input, out, SEVERITY_NOTE, check_target(input),
                       "whether these credentials allow every step could not be checked");
    finding_detail(finding, "%s", target->rights_problem);
    finding_remedy(finding, "ecmig explain iam FILE prints the policy that is needed, including "
                            "what allows this check");
}

const struct check check_target_permissions = {
    .title = "These credentials allow every step",
    .reads = "SimulatePrincipalPolicy",
    .cause = "The policies of these credentials do not allow a request that a step sends, as far "
             "as IAM can tell without sending it.",
    .risk =
        "The step is refused when it runs. CompleteMigration runs last, while writers are held.",
    .remedy = ADVICE,
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .of_moment = true,
    .when_aborting = true,
    .run = run,
};
