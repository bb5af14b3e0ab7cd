/* The operator's own programs in the cutover: what they get to know, and how long they may take.
 *
 * They run in the folder of the migration file, in a process group of their own, and are ended,
 * with all that they started, when their time is over or when somebody insists on leaving; an undo
 * only by its time, since its effect is needed by anyone who leaves. Output is bounded, and
 * committed to the record with every secret that ecmig knows replaced. A hook gets the environment
 * less what holds a secret; its `env` names what it needs of that. A program whose content is not
 * the approved one is not run (record/pins.h). */
#pragma once

#include "executor/site/site.h"
#include "executor/steps/step.h"
#include "providers/process/process.h"

/* Its check is there and passes. */
bool hook_is_done(struct site *site, const char *step_id, const struct config_hook *hook);
/* Runs it, and its check, until both are well, three times at most. Each attempt is added to
 * `attempts`, a list. */
MUST_CHECK bool hook_run(struct site *site, const char *step_id, const struct config_hook *hook,
                         const struct strings *command, struct json *attempts, struct error *err);
/* Runs a ready hook, once, at a gate: it gets ECMIG_TARGET_READ_ONLY=yes as well, and ends when
 * somebody wants to stop (ERROR_INTERRUPTED). What it said is added to `answers`; *refused is NULL
 * when it said yes, else why not, for the caller to free. */
MUST_CHECK bool hook_ask(struct step_run *run, const struct config_hook *hook, struct json *answers,
                         char **refused, struct error *err);
