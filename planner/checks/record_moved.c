#include "planner/checks/check.h"

#include "schemas/base/memory.h"
#include "schemas/observed/mark.h"

static void run_target(const struct check_input *input, const struct observed_target *target,
                       struct findings *out) {
    const struct observed_record *record = &input->observed->record;
    bool known = target->mark_run && strings_has(&record->runs, target->mark_run);
    if (!known || !mark_record_moved(target->mark_record, record->place))
        return;
    AUTO(string_free) char *subject = xasprintf("run %s", target->mark_run);
    struct finding *finding =
        check_found(input, out, subject, "the record is not where it was when the run began");
    finding_detail(finding, "it was %s, this is %s", target->mark_record, record->place);
}

const struct check check_record_moved = {
    .title = "The record is the one that the run began with, not a copy",
    .reads = "ListTagsForResource and description of the target; file: state.repository",
    .cause = "The run that marked the target is in this record, but its record was in another "
             "folder when it began: the folder was moved, or this is a copy.",
    .risk = "A copy does not show what the original has recorded since, or who holds its lock: two "
            "processes may resume one run.",
    .remedy = "use the record that the run began with (--state, or state.repository); if it was "
              "moved and exists nowhere else, waive record-moved with the reason",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .run_target = run_target,
};
