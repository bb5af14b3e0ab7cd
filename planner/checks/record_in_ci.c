#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_record *record = &input->observed->record;
    if (!record->relative || !record->ci)
        return;
    struct finding *finding =
        check_found(input, out, "state.repository", "a path inside the checkout of a CI job");
    finding_detail(finding, "it is %s here, and %s is set", record->place ? record->place : "",
                   record->ci);
}

const struct check check_record_in_ci = {
    .title = "The record outlives the CI job that writes it",
    .reads = "file: state.repository; environment: CI, GITHUB_ACTIONS, GITLAB_CI and others",
    .cause = "state.repository is a relative path, and the environment is that of a CI job: the "
             "next job starts with a new checkout and an empty record.",
    .risk = "The next job does not know the run. It cannot resume or abort it, and only the marks "
            "on the target and the source stop it from starting a second one.",
    .remedy = "set state.repository to the URL of a git repository, or to an absolute path that "
              "the next job has too",
    .severity = SEVERITY_WARNING,
    .of_moment = true,
    .when_aborting = true,
    .run = run,
};
