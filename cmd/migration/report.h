/* What `ecmig apply` and `ecmig abort` say while they run and when they end: an event stream for
 * programs, lines and one closing block for people. */
#pragma once

#include <stdbool.h>

#include "cmd/frame/output.h"
#include "executor/events.h"
#include "executor/executor.h"
#include "schemas/journal/records.h"
#include "schemas/observed/observed.h"
#include "schemas/plan/plan.h"

struct report;

/* `command`: as typed. `json`: the stream alone on stdout. `events_path`: appended to, one write(2)
 * a line; or NULL. */
MUST_CHECK bool report_open(struct output *output, const char *command, bool json,
                            const char *events_path, struct report **out, struct error *err);
void report_close(struct report *report);
AUTO_POINTER(struct report, report_close)
struct events *report_events(struct report *report);

void report_begin(struct report *report, const struct plan *plan, const char *run,
                  const char *record);
/* `words`: as "the next command" takes the migration file. */
void report_plan(struct report *report, const struct plan *plan, const char *words);
void report_findings(struct report *report, const struct plan *plan);
/* Facts and steps that differ, as `- was` and `+ is` lines. */
void report_difference(struct report *report, const struct plan *was, const struct plan *is);
/* Settings of the migration file that differ, likewise. */
void report_config_difference(struct report *report, const struct json *was, const struct json *is);
void report_nothing(struct report *report, const struct observed_history *history);
/* The closing block: what happened, what the clients see, what is left over, the next command. */
void report_end(struct report *report, const struct plan *plan, const struct run_result *result,
                const struct executor_outcome *outcome, const char *file);
void report_close_stream(struct report *report, const struct run_result *result);
/* What CI reads instead of the exit code; `path` may be NULL. */
void report_result(struct output *output, const char *path, const struct run_result *result);
