#include "cmd/migration/execution_inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/migration/begin.h"
#include "cmd/migration/gates.h"
#include "cmd/migration/report.h"
#include "cmd/migration/result.h"
#include "cmd/migration/resume.h"
#include "cmd/migration/session.h"
#include "cmd/migration/signing.h"
#include "cmd/migration/spools.h"
#include "executor/executor.h"
#include "planner/planner.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static void execution_close(struct execution *execution) {
    journal_close(execution->journal);
    session_close(&execution->session);
    stop_close(execution->stop);
    plan_clear(&execution->plan);
    signing_close(&execution->signing);
    json_free(execution->facts);
    free(execution->actor);
    report_close(execution->report);
    run_result_clear(&execution->result);
}
AUTO_VALUE(struct execution, execution_close)

static const char *without_prefix(const char *digest) {
    return digest && strncmp(digest, "sha256:", 7) == 0 ? digest + 7 : digest;
}

/* What was approved on the command line: a digest, or the plan that was given. */
static const char *approved_digest(const struct execution *execution) {
    const char *option = without_prefix(options_string(execution->call->options, "approve"));
    return option ? option : execution->session.has_plan ? execution->session.given.digest : NULL;
}

static bool is_digest_or_none(const char *digest, struct error *err) {
    if (!digest || (strlen(digest) == 64 && strspn(digest, "0123456789abcdef") == 64))
        return true;
    error_set(err, ERROR_USAGE, "'%s' is not a digest", digest);
    return error_hint(err,
                      "a digest is sha256: and 64 hexadecimal digits, as 'ecmig plan' prints it");
}

static bool refuse_stale(struct execution *execution, const char *digest, struct error *err) {
    error_set(err, ERROR_STALE, "the plan is now sha256:%.12s…, but sha256:%.12s… was approved",
              execution->plan.digest, digest);
    AUTO(text_clear) struct text document = { 0 };
    AUTO(plan_clear) struct plan stored = { 0 };
    AUTO(error_clear) struct error unknown = { 0 };
    struct session *session = &execution->session;
    if (session->has_plan)
        report_difference(execution->report, &session->given, &execution->plan);
    else if (journal_read_plan(session->store, session->config.migration, digest, &document,
                               &unknown) &&
             plan_parse(document.bytes, document.length, &stored, &unknown))
        report_difference(execution->report, &stored, &execution->plan);
    return error_hint(err, "review what changed and approve it: ecmig plan%s %s",
                      execution->plan.core.mode == PLAN_ABORT ? " --mode abort" : "",
                      session->config_words);
}

static bool refuse_blocked(struct execution *execution, struct error *err) {
    report_findings(execution->report, &execution->plan);
    error_set(err, ERROR_BLOCKED, "the plan has findings that must be resolved first");
    return error_hint(err, "'ecmig explain ID' shows cause, risk and remedy of each");
}

static bool read_open_plan(const struct execution *execution,
                           const struct observed_history *history, struct plan *out,
                           struct error *err) {
    AUTO(text_clear) struct text document = { 0 };
    const struct session *session = &execution->session;
    return (journal_read_plan(session->store, session->config.migration, history->last_digest,
                              &document, err) &&
            plan_parse(document.bytes, document.length, out, err)) ||
           error_wrap(err, "open run %s", history->last_run);
}

/* An abort undoes what the open run did: to the servers that it did it to. */
static bool same_servers(const struct execution *execution, const struct observed_history *history,
                         struct error *err) {
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(config_clear) struct config was = { 0 };
    const struct config *is = &execution->session.config;
    if (!read_open_plan(execution, history, &plan, err) || !plan_config(&plan, &was, err))
        return false;
    AUTO(string_free) char *nodes_were = strings_join(&was.source.nodes, " ");
    AUTO(string_free) char *nodes_are = strings_join(&is->source.nodes, " ");
    if (strcmp(nodes_were, nodes_are) == 0 &&
        strcmp(config_target_name(&was.target), config_target_name(&is->target)) == 0)
        return true;
    error_set(err, ERROR_STALE, "the migration file names a different source or target than run %s",
              history->last_run);
    return error_hint(err, "abort that run with the file as it was when the run began");
}

static bool is_done_already(const char *digest, const struct observed_history *history) {
    bool ended_well =
        !history->open && history->last_class && exit_class_is_done(history->last_class);
    return digest && (history->finished || ended_well) && strcmp(digest, history->last_digest) == 0;
}

/* The same command is given again and again: a plan of what remains may no longer have a gate. */
static bool knows_places(const struct execution *execution, struct error *err) {
    const struct plan *plan = &execution->plan;
    return (!plan->core.gates.count || gates_has(plan, execution->gates->approved, err)) &&
           gates_may_stop(plan, execution->gates->until, err);
}

/* *nothing: the plan was carried out before, or there is nothing to do. An open run is given up
 * even when it has done nothing yet. */
static bool start_run(struct execution *execution, const struct observed_history *history,
                      bool *nothing, struct error *err) {
    struct session *session = &execution->session;
    const char *digest = approved_digest(execution);
    *nothing = is_done_already(digest, history);
    if (*nothing)
        return true;
    bool gives_up = execution->mode == PLAN_ABORT && history->open;
    if ((gives_up && !same_servers(execution, history, err)) ||
        !session_plan(session, execution->mode, &execution->plan, &execution->facts, err))
        return false;
    if (digest && strcmp(digest, execution->plan.digest) != 0)
        return refuse_stale(execution, digest, err);
    if (!execution->plan.context.applyable)
        return refuse_blocked(execution, err);
    *nothing = execution->plan.core.steps.count == 0 && !gives_up;
    return *nothing ||
           (knows_places(execution, err) && execution_open_signing(execution, err) &&
            execution_is_approved(execution, err) && execution_may_follow(execution, err) &&
            begin_run(execution->call, session, &execution->plan, execution->actor,
                      execution->journal, err));
}

static bool is_same_world(struct execution *execution, const struct journal_state *state,
                          struct error *err) {
    return same_world(execution->call, &execution->session, &execution->plan, state, err);
}

static bool is_same_after_lift(void *execution, struct error *err) {
    struct execution *own = execution;
    return is_same_world(own, journal_state(own->journal), err);
}

/* An open run continues with its own stored plan. An open critical section is settled before
 * anything is compared: its fence is a difference that we made. An abort continues no matter what
 * has moved. */
static bool resume_run(struct execution *execution, const struct observed_history *history,
                       bool *nothing, struct error *err) {
    struct session *session = &execution->session;
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    const char *migration = session->config.migration, *digest = approved_digest(execution);
    if (!read_open_plan(execution, history, &execution->plan, err) || !knows_places(execution, err))
        return false;
    if (!journal_read_run(session->store, migration, history->last_run, &files, err))
        return error_wrap(err, "open run %s", history->last_run);
    if (digest && strcmp(digest, execution->plan.digest) != 0) {
        error_set(err, ERROR_STALE,
                  "run %s of plan sha256:%.12s… is open, but sha256:%.12s… was approved",
                  history->last_run, execution->plan.digest, digest);
        return error_hint(err, "resume the open run: ecmig apply %s", session->words);
    }
    bool settles_first =
        files.state.cutover != JOURNAL_MARK_COUNT || execution->plan.core.mode == PLAN_ABORT;
    if (!same_config(session, &execution->plan, execution->report, err) ||
        !signing_same(&execution->plan, &session->config, session->folder, session->words, err) ||
        !execution_open_signing(execution, err) ||
        !execution_is_still_approved(execution, &files, err) ||
        !(settles_first || is_same_world(execution, &files.state, err)))
        return false;
    if (journal_resume(execution->journal, history->last_run, execution->actor, err))
        return true;
    /* Its last entry had stayed on this machine, and is in the repository now. */
    *nothing = err->code == ERROR_REFUSED;
    if (*nothing)
        error_clear(err);
    return *nothing;
}

/* An open run continues with its own plan, unless another one, made with that run on record, is
 * approved: a continuation, or an abort. A run inside its cutover is left for an abort only, and an
 * abort for nothing. */
static bool goes_on(const struct execution *execution, const struct observed_history *history) {
    const char *digest = approved_digest(execution);
    bool other = digest && history->last_digest && strcmp(digest, history->last_digest) != 0;
    bool aborts = history->open && strcmp(history->last_mode, plan_mode_names[PLAN_ABORT]) == 0;
    if (aborts || execution->mode == PLAN_ABORT)
        return aborts;
    return history->open && (!other || history->fence);
}

static void execute(struct execution *execution, struct executor_outcome *outcome) {
    struct session *session = &execution->session;
    const struct gate_options *gates = execution->gates;
    struct events *events = report_events(execution->report);
    events->migration = session->config.migration;
    events->run = journal_run(execution->journal);
    events->epoch = journal_epoch(execution->journal);
    AUTO(site_close)
    struct site site = { .config = &session->config,
                         .config_folder = session->folder,
                         .config_file = session->words,
                         .plan = &execution->plan,
                         .approved_gate = gates->approved,
                         .accepted_programs =
                             options_strings(execution->call->options, "accept-program"),
                         .actor = execution->actor,
                         .policy = &execution->signing.policy,
                         .signer = &execution->signing.entries,
                         .approver = &execution->signing.approvals,
                         .service = session->service,
                         .store = session->store,
                         .journal = execution->journal,
                         .events = events,
                         .stop = execution->stop,
                         .source_password = session->password,
                         .source_tls = session->tls,
                         .target_access = &session->target,
                         .auth_token = session->auth_token };
    const struct executor_options how = { .until = gates->until,
                                          .wait_at_gate = gates->wait,
                                          .same_world = is_same_after_lift,
                                          .context = execution };
    AUTO(string_free) char *record = gitstore_place(session->store);
    report_begin(execution->report, &execution->plan, journal_run(execution->journal), record);
    executor_run(&site, &how, outcome);
}

static void set_result(struct execution *execution, enum exit_class class, bool changed) {
    result_set(&execution->result, class, changed);
    if (!execution->result.digest)
        string_replace(&execution->result.digest, execution->plan.digest);
}

static enum exit_class finish(struct execution *execution, struct executor_outcome *outcome,
                              struct error *err) {
    AUTO(error_clear) struct error unrecorded = { 0 };
    spools_late(execution->journal, outcome);
    set_result(execution, outcome->class, outcome->changed);
    bool ours = outcome->class != EXIT_CLASS_LOCK_LOST;
    if (ours && !journal_finish(execution->journal, &execution->result, &unrecorded)) {
        spools_end(execution->call, &execution->session, execution->journal,
                   report_events(execution->report), outcome, &unrecorded);
        set_result(execution, outcome->class, outcome->changed);
    }
    report_end(execution->report, &execution->plan, &execution->result, outcome,
               execution->session.words);
    if (outcome->class != EXIT_CLASS_OK && outcome->class != EXIT_CLASS_GATE)
        error_move(err, &outcome->error);
    return outcome->class;
}

static void say_waiting(void *context, const char *words) {
    struct execution *execution = context;
    bool happened = execution->journal != NULL; /* else a lock is waited for */
    events_emit(report_events(execution->report),
                &(struct event_fact){ .kind = EVENT_DIAGNOSTIC,
                                      .level = happened ? SEVERITY_WARNING : SEVERITY_NOTE,
                                      .state = "waiting" },
                "%s", words);
}

static bool take_lock(struct execution *execution, struct error *err) {
    struct session *session = &execution->session;
    const struct call *call = execution->call;
    const struct journal_patience patience = { .wait_ms =
                                                   options_int(call->options, "lock-timeout", -1),
                                               .stop = execution->stop,
                                               .say = say_waiting,
                                               .context = execution };
    return journal_open(session->store, session->config.migration, execution->actor, &patience,
                        &execution->journal, err);
}

static bool watch_signals(struct execution *execution, int64_t deadline_ms, struct error *err) {
    if (!stop_open(deadline_ms ? clock_mono_ms() + deadline_ms : 0, &execution->stop, err))
        return false;
    execution->session.stop = execution->stop;
    return true;
}

static enum exit_class carry_out(struct execution *execution, struct error *err) {
    struct session *session = &execution->session;
    const struct options *options = execution->call->options;
    AUTO(observed_clear) struct observed history_holder = { 0 };
    AUTO(executor_outcome_clear) struct executor_outcome outcome = { 0 };
    struct observed_history *history = &history_holder.history;
    int64_t deadline_ms = options_int(options, "deadline", 0);
    bool nothing = false;
    output_passing(execution->call->output, SESSION_LOOKS);
    if (!session_open(execution->call, execution->mode == PLAN_MIGRATE, session, err) ||
        !watch_signals(execution, deadline_ms, err) ||
        !is_digest_or_none(approved_digest(execution), err) ||
        !spools_check(execution->call, session, err) || !take_lock(execution, err) ||
        !session_history(session, history, err))
        return error_exit_class(err->code);
    report_events(execution->report)->migration = session->config.migration;
    if (session->has_plan)
        execution->mode = session->given.core.mode;
    if (!(goes_on(execution, history) ? resume_run(execution, history, &nothing, err)
                                      : start_run(execution, history, &nothing, err)))
        return error_exit_class(err->code);
    if (nothing) {
        string_replace(&execution->result.run, history->last_run);
        report_events(execution->report)->run = execution->result.run;
        report_nothing(execution->report, history);
        return EXIT_CLASS_OK;
    }
    execute(execution, &outcome);
    return finish(execution, &outcome, err);
}

enum exit_class execution_run(const struct call *call, enum plan_mode mode,
                              const struct gate_options *gates, struct error *err) {
    AUTO(execution_close)
    struct execution execution = {
        .call = call, .mode = mode, .gates = gates, .actor = session_actor()
    };
    output_only_reports(call->output);
    bool reports =
        report_open(call->output, call->command->name, options_flag(call->options, "json"),
                    options_string(call->options, "events"), &execution.report, err);
    enum exit_class class = reports ? carry_out(&execution, err) : error_exit_class(err->code);
    if (class == EXIT_CLASS_LOCKED && err->hint)
        error_hint(err, "%s; see: ecmig lock show %s", err->hint, execution.session.words);
    if (!execution.result.class)
        set_result(&execution, class, false);
    if (reports)
        report_close_stream(execution.report, &execution.result);
    report_result(call->output, options_string(call->options, "result"), &execution.result);
    return class;
}
