#include <string.h>

#include "planner/checks/check.h"
#include "planner/signers.h"
#include "schemas/base/memory.h"

/* Different people; *more when a pattern or an authority stands for any number. */
static void count_people(const struct strings *lines, struct strings *people, bool *more) {
    for (size_t i = 0; i < lines->count; i++) {
        AUTO(signers_line_clear) struct signers_line line = { 0 };
        signers_line_read(lines->items[i], &line);
        *more |= strpbrk(line.principals, "*?!") ||
                 (line.options && strstr(line.options, "cert-authority"));
        for (const char *name = line.principals; *name;) {
            size_t length = strcspn(name, ",");
            AUTO(string_free) char *one = xstrndup(name, length);
            if (*one && !strings_has(people, one))
                strings_add(people, one);
            name += length + (name[length] == ',');
        }
    }
}

static void run(const struct check_input *input, struct findings *out) {
    const struct config_approvals *wanted = &input->config->approvals;
    const struct observed_signers *signers = &input->observed->signers;
    AUTO(strings_clear) struct strings people = { 0 };
    bool more = false;
    if (!wanted->allowed_signers)
        return;
    if (signers->problem) {
        finding_detail(check_found(input, out, wanted->allowed_signers,
                                   "a file that 'approvals' names cannot be read"),
                       "%s", signers->problem);
        return;
    }
    count_people(&signers->allowed, &people, &more);
    size_t minimum = wanted->minimum > 1 ? (size_t)wanted->minimum : 1;
    if (!more && people.count < minimum)
        check_found(input, out, wanted->allowed_signers,
                    "%zu people must approve, but the file names only %zu", minimum, people.count);
}

const struct check check_approvals_possible = {
    .title = "Enough people can approve",
    .reads = "the files of `approvals`",
    .cause = "The migration file counts signed approvals only, and the allowed_signers file is "
             "missing, unreadable, or names fewer people than must approve.",
    .risk = "Nobody can approve the plan or its gates.",
    .remedy = "correct approvals.allowed_signers or approvals.minimum",
    .severity = SEVERITY_ERROR,
    .when_aborting = true,
    .run = run,
};
