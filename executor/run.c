#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/cutover/drill.h"
#include "executor/executor.h"
#include "executor/gates/settings.h"
#include "executor/one_step.h"
#include "executor/outcome.h"
#include "executor/steps/kinds.h"
#include "schemas/base/memory.h"

/* A gate may be waited for within the process; everything else is taken once. */
static bool take(struct site *site, const struct executor_options *options,
                 const struct plan_step *step, bool *acted, struct error *err) {
    AUTO(waiting_said_clear) struct waiting_said said = { 0 };
    for (;;) {
        if (step_once(site, step, &said, acted, err))
            return true;
        if (err->code != ERROR_GATE || !options->wait_at_gate)
            return false;
        error_clear(err);
        stop_sleep(site->stop, 2000);
        if (stop_wanted(site->stop))
            return error_set(err, ERROR_INTERRUPTED, "%s", stop_reason(site->stop));
        if (!settings_watch(site, err) || !gitstore_refresh(site->store, err))
            return false;
    }
}

static enum exit_class class_of(const struct error *err) {
    enum exit_class class = error_exit_class(err->code);
    return class == EXIT_CLASS_ERROR ? EXIT_CLASS_STEP_FAILED : class;
}

static bool is_at(const struct plan *plan, const struct plan_step *step, const char *until) {
    if (!until)
        return false;
    for (size_t i = 0; i < plan->core.gates.count; i++)
        if (strcmp(plan->core.gates.items[i].name, until) == 0 &&
            strcmp(plan->core.gates.items[i].step, step->id) == 0)
            return true;
    return strcmp(step->id, until) == 0 || strcmp(step->key, until) == 0;
}

static bool is_away(const struct error *err) {
    return err->code == ERROR_UNREACHABLE || err->code == ERROR_DEADLINE;
}

/* Connecting to the source ends what an earlier process of this migration has open there, before
 * anything is read or set: an abort's own journal has no open section. */
static bool settle(struct site *site, const struct executor_options *options, struct error *err) {
    bool lifted = false;
    if (site->plan->core.mode != PLAN_ABORT)
        return cutover_end_drill(site, err) && cutover_settle(site, &lifted, err) &&
               (!lifted || !options->same_world || options->same_world(options->context, err));
    if (site_source(site, SITE_NODES, err) && marker_end(site, err))
        return true;
    if (!is_away(err))
        return false;
    error_clear(err);
    return true;
}

/* The first step that has to wait for the source. */
struct waiting {
    struct error error;
    const struct plan_step *step;
};

static bool comes_later(const struct site *site, const struct plan_step *step,
                        struct waiting *waiting, struct error *err) {
    if (!step_may_come_later(site->plan, step) || !is_away(err))
        return false;
    if (!waiting->step) {
        waiting->step = step;
        error_move(&waiting->error, err);
    }
    error_clear(err);
    return true;
}

static bool none_waits(const struct site *site, struct waiting *waiting,
                       struct executor_outcome *outcome) {
    struct error *err = &outcome->error;
    if (!waiting->step)
        return true;
    string_replace(&outcome->step_id, waiting->step->id);
    string_replace(&outcome->step_key, waiting->step->key);
    error_move(err, &waiting->error);
    return error_hint(err,
                      "apply again when the source answers, or restore those settings by hand and "
                      "record it for each step: ecmig recover --step %s --done --reason TEXT %s",
                      waiting->step->key, site->config_file ? site->config_file : "FILE");
}

static bool run_steps(struct site *site, const struct executor_options *options,
                      struct waiting *waiting, struct executor_outcome *outcome) {
    struct error *err = &outcome->error;
    for (size_t i = 0; i < site->plan->core.steps.count; i++) {
        const struct plan_step *step = &site->plan->core.steps.items[i];
        if (journal_progress_of(journal_state(site->journal), step->key) == PROGRESS_DONE)
            continue;
        string_replace(&outcome->step_id, step->id);
        string_replace(&outcome->step_key, step->key);
        if (is_at(site->plan, step, options->until))
            return error_set(err, ERROR_GATE, "stopped before %s, as requested", options->until);
        /* Inside the section only its own deadline counts. */
        if (!step_in_section(step) && stop_wanted(site->stop))
            return error_set(err, ERROR_INTERRUPTED, "%s", stop_reason(site->stop));
        bool section_closed = journal_state(site->journal)->cutover == JOURNAL_MARK_COUNT;
        if (step_in_section(step) && section_closed && !cutover_begin(site, err))
            return false;
        bool acted = false;
        cutover_watch_beside(site);
        /* The gate looks at them itself, and says so in its evidence. */
        if (step->kind != STEP_GATE && !settings_watch(site, err))
            return false;
        bool fine = take(site, options, step, &acted, err) || comes_later(site, step, waiting, err);
        outcome->changed |= acted && step_is_effect(step);
        if (!fine)
            return false;
    }
    return true;
}

static void say_aftermath(struct site *site, const struct executor_outcome *outcome) {
    for (size_t i = 0; i < outcome->evicted.count; i++)
        events_warn(site->events, NULL,
                    "the source evicted %s while the migration used part of its memory",
                    outcome->evicted.items[i]);
    for (size_t i = 0; i < outcome->open_nodes.count; i++)
        events_emit(
            site->events, &(struct event_fact){ .kind = EVENT_DIAGNOSTIC },
            "anyone may log in to %s: set its password again if it was removed for the migration",
            outcome->open_nodes.items[i]);
}

void executor_run(struct site *site, const struct executor_options *options,
                  struct executor_outcome *outcome) {
    struct error *err = &outcome->error;
    struct waiting waiting = { 0 };
    site->watch = &cutover_site_watch;
    bool fine = settle(site, options, err) && run_steps(site, options, &waiting, outcome) &&
                none_waits(site, &waiting, outcome);
    error_clear(&waiting.error);
    outcome->class = fine ? EXIT_CLASS_OK : class_of(err);
    if (fine) {
        string_replace(&outcome->step_id, NULL);
        string_replace(&outcome->step_key, NULL);
    }
    outcome_describe(site, outcome);
    if (fine) {
        outcome_describe_aftermath(site, outcome);
        say_aftermath(site, outcome);
    }
    outcome_read_fence(site, outcome);
    cutover_free(TAKE(site->cutover));
    if (fine && !outcome_is_proven(site, outcome, err))
        outcome->class = error_exit_class(err->code);
    if (!fine)
        outcome_describe_left_over(site, outcome);
}
