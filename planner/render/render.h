/* How a plan is shown: one file a format, one row in schemas/base/formats.def. */
#pragma once

#include "planner/planner.h"

#define RENDER_COLUMNS 100

#define FORMAT(symbol, id) extern const struct render_format render_format_##id;
#include "schemas/base/formats.def"
#undef FORMAT

/* `head`, then the words of `body` wrapped to RENDER_COLUMNS and indented by `indent`; `right`
 * (or NULL) stands in the right column of the first line. */
void render_wrapped(struct text *page, const char *head, size_t indent, const char *body,
                    const char *right);
/* Colors whole lines of a finished page by their first characters. */
void render_colored(const char *plain, struct text *page);

/* The parts of a page. Those that end in a line break are whole lines. */
void render_signers(struct text *page, const struct plan_core *core); /* nothing without a policy */
void render_findings_head(struct text *page, const struct plan_context *context);
void render_finding(struct text *page, const struct plan_note *note);
void render_phase(struct text *page, const struct plan_core *core, enum step_phase phase);
void render_gate(struct text *page, const struct plan_core *core, const struct plan_step *step);
void render_step(struct text *page, const struct plan *plan, const struct plan_step *step);
void render_totals(struct text *page, const struct plan *plan);
void render_bases(struct text *page, const struct plan_context *context);
void render_predictions(struct text *page, const struct plan_context *context);
/* The words that lead to the next command, and the command (NULL: none), which ends with `file`.
 * The caller frees both. */
char *render_next(const struct plan *plan, const char *file, char **command);
/* The same of the way on with this plan in the place of an open run's; NULL where there is none. */
char *render_instead(const struct plan *plan, const char *file, char **command);
void render_printable(char *page); /* hidden characters become '?', line breaks stay */
char *render_subject(const struct plan *plan,
                     const struct render_options *options); /* freed, too */
