/* What should happen, and is it safe to start? Pure: configuration and observation in, plan out. */
#pragma once

#include <stdbool.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/text.h"
#include "schemas/config/config.h"
#include "schemas/observed/observed.h"
#include "schemas/plan/plan.h"

/* A sealed plan; times, tool version and file names in its context are the caller's to fill in.
 * Findings are part of the plan, never an error. */
MUST_CHECK bool planner_plan(const struct config *config, const struct observed *observed,
                             enum plan_mode mode, struct plan *out, struct error *err);
bool plan_has_changes(const struct plan *plan); /* any step that is not a check or a gate */

struct render_options {
    bool colour;
    int64_t max_bytes; /* markdown is made shorter than this; 0: 60,000 */
    const char
        *words; /* what "the exact next command" is given: the migration file as a shell takes
                   it, and options of the caller's; NULL: the file the plan was made of */
};
struct render_format {
    const char *name;
    void (*render)(const struct plan *plan, const struct render_options *options,
                   struct text *page);
};
/* text, json, markdown; NULL: no such. */
const struct render_format *render_format_find(const char *name);
char *render_quoted(const char *word); /* as a shell takes it for one word; the caller frees */
/* A step as a line of the text plan, without id and symbol (also used for progress and runs). */
void render_step_line(const struct plan_step *step, struct text *page);
/* "  NAME   words of the value …" in lines of a page; newlines in the value start a line. */
void render_paragraph(struct text *page, const char *name, const char *value);

struct check_help {
    const char *id, *title, *reads, *cause, *risk, *remedy;
    enum severity severity; /* the highest it gives */
};
const struct check_help *check_help_find(const char *id); /* for `ecmig explain`; NULL: no such */
const struct check_help *check_help_at(size_t index);     /* NULL past the last */

/* The smallest IAM policy with which this migration can be planned and applied, and what lets it
 * check itself. */
struct json *iam_policy(const struct config *config);
/* What the steps of a plan of this observation send that a policy allows on the group's ARN, as
 * "elasticache:StartMigration". Nothing when there are no such steps. */
void iam_requests(const struct config *config, const struct observed *observed, enum plan_mode mode,
                  struct strings *out);
