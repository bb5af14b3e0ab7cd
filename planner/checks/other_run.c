#include "planner/checks/check.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/observed/mark.h"

/* What may be waived is one run: its name is the subject, which the digest of the plan covers. */
static void found_run(const struct check_input *input, struct findings *out, const char *run,
                      const char *summary) {
    const struct observed_target *target = &input->observed->target;
    AUTO(string_free) char *subject = xasprintf("run %s", run);
    struct finding *finding = check_found(input, out, subject, "%s", summary);
    if (target->mark_record && check_is(target->mark_run, run))
        finding_detail(finding, "its record is %s", target->mark_record);
}

static bool is_known(const struct check_input *input, const char *run) {
    return strings_has(&input->observed->record.runs, run);
}

/* A start that this record knows, or the mark of a run of it, explains what is seen. */
static bool is_explained(const struct check_input *input) {
    const char *run = input->observed->target.mark_run;
    return input->observed->history.started_from || (run && is_known(input, run));
}

static void look_at_target(const struct check_input *input, const struct observed_target *target,
                           struct findings *out) {
    bool follows = situation_followed(target) || check_is(target->status, "migrating");
    if (target->mark_run && !is_known(input, target->mark_run)) {
        found_run(input, out, target->mark_run,
                  follows ? "it is not in this record, and the target is migrating under its mark"
                  : target->holds_keys
                      ? "it is not in this record, and the target was migrated under its mark"
                      : "it is not in this record, and the target carries its mark");
        return;
    }
    if (is_explained(input) || !input->situation->replicating)
        return;
    struct finding *finding =
        check_found(input, out, check_target(input),
                    "it replicates from this source, and no run in this record started that");
    if (target->mark_hidden)
        finding_detail(finding,
                       "the service does not return its tags at the moment; they may name the run");
}

/* Names without a run are of an earlier version: of the open run, where one is open. */
static void look_at_connections(const struct check_input *input, struct findings *out) {
    const struct observed_source *source = &input->observed->source;
    AUTO(strings_clear) struct strings others = { 0 };
    for (size_t i = 0; i < source->nodes.count; i++) {
        const struct observed_node *node = &source->nodes.items[i];
        for (size_t k = 0; k < node->ecmig_connections.count; k++) {
            AUTO(string_free) char *run = mark_connection_run(node->ecmig_connections.items[k]);
            bool seen = !run || is_known(input, run) || strings_has(&others, run) ||
                        (!*run && input->observed->history.open);
            if (!seen)
                strings_add(&others, run);
        }
    }
    for (size_t i = 0; i < others.count; i++)
        if (*others.items[i] && !check_is(input->observed->target.mark_run, others.items[i]))
            found_run(input, out, others.items[i],
                      "it is not in this record, and it is working on the source");
        else if (!*others.items[i])
            check_found(input, out, "the source",
                        "a run of an earlier version of ecmig is working on it");
}

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    if (target->reachable && target->exists)
        look_at_target(input, target, out);
    look_at_connections(input, out);
}

const struct check check_other_run = {
    .title = "No run of another record is in progress here",
    .reads = "ListTagsForResource and description of the target; CLIENT LIST of the source",
    .cause = "The target or the source carries the mark of a run that is not in this state "
             "repository: another copy of the file has its own, the repository was lost, or a CI "
             "job started with an empty one. Two migrations of one source into two targets are "
             "noticed while both processes run and while the fence of one is in place; between "
             "their steps, nothing on the source names a run.",
    .risk = "Each run holds a lock in its own repository, so neither stops for the other: one may "
            "promote the target while the other is running, and the source's settings are never "
            "restored.",
    .remedy =
        "use the record of that run: --state URL or PATH, or state.repository in the file. If that "
        "record is lost, make sure that no ecmig is running and waive other-run with the reason: "
        "the next run then takes the target over. The source's settings from before the lost run "
        "are not known: compare client-output-buffer-limit, repl-backlog-size and repl-backlog-ttl "
        "with the server's configuration file, and restore them after the migration",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .when_finished = true,
    .when_aborting = true,
    .run = run,
};
