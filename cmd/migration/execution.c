#include "cmd/migration/execution_inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/migration/begin.h"
#include "cmd/migration/gates.h"
#include "cmd/migration/result.h"
#include "cmd/migration/resume.h"
#include "cmd/migration/session.h"
#include "cmd/migration/signing.h"
#include "cmd/migration/spools.h"
#include "cmd/views/report.h"
#include "executor/executor.h"
#include "planner/planner.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static void application_close(struct application *application) {
    journal_close(application->journal);
    session_close(&application->session);
    stop_close(application->stop);
    plan_clear(&application->plan);
    signing_close(&application->signing);
    json_free(application->facts);
    free(application->actor);
    report_close(application->report);
    run_result_clear(&application->result);
}
AUTO_VALUE(struct application, application_close)

static const char *without_prefix(const char *digest) {
    return digest && strncmp(digest, "sha256:", 7) == 0 ? digest + 7 : digest;
}

/* What was approved on the command line: a digest, or the plan that was given. */
static const char *approved_digest(const struct application *application) {
    const char *option = without_prefix(options_string(application->call->options, "approve"));
    return option                          ? option
           : application->session.has_plan ? application->session.given.digest
                                           : NULL;
}

static bool is_digest_or_none(const char *digest, struct error *err) {
    if (!digest || (strlen(digest) == 64 && strspn(digest, "0123456789abcdef") == 64))
        return true;
    return error_set(err, ERROR_USAGE, "'%s' is not a digest", digest) ||
           error_hint(err,
                      "a digest is sha256: and 64 hexadecimal digits, as 'ecmig plan' prints it");
}

static bool refuse_stale(struct application *application, const char *digest, struct error *err) {
    (void)error_set(err, ERROR_STALE, "the plan is sha256:%.12s… now, sha256:%.12s… was approved",
                    application->plan.digest, digest);
    AUTO(text_clear) struct text document = { 0 };
    AUTO(plan_clear) struct plan stored = { 0 };
    AUTO(error_clear) struct error unknown = { 0 };
    struct session *session = &application->session;
    if (session->has_plan)
        report_difference(application->report, &session->given, &application->plan);
    else if (journal_read_plan(session->store, session->config.migration, digest, &document,
                               &unknown) &&
             plan_parse(document.bytes, document.length, &stored, &unknown))
        report_difference(application->report, &stored, &application->plan);
    return error_hint(err, "look at what changed and approve it: ecmig plan%s %s",
                      application->plan.core.mode == PLAN_ABORT ? " --mode abort" : "",
                      session->config_words);
}

static bool refuse_blocked(struct application *application, struct error *err) {
    report_findings(application->report, &application->plan);
    return error_set(err, ERROR_BLOCKED, "the plan has findings that must be settled first") ||
           error_hint(err, "'ecmig explain ID' tells cause, risk and remedy of each");
}

static bool read_open_plan(const struct application *application,
                           const struct observed_history *history, struct plan *out,
                           struct error *err) {
    AUTO(text_clear) struct text document = { 0 };
    const struct session *session = &application->session;
    return (journal_read_plan(session->store, session->config.migration, history->last_digest,
                              &document, err) &&
            plan_parse(document.bytes, document.length, out, err)) ||
           error_wrap(err, "open run %s", history->last_run);
}

/* An abort undoes what the open run did: to the servers that it did it to. */
static bool same_servers(const struct application *application,
                         const struct observed_history *history, struct error *err) {
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(config_clear) struct config was = { 0 };
    const struct config *is = &application->session.config;
    if (!read_open_plan(application, history, &plan, err) || !plan_config(&plan, &was, err))
        return false;
    AUTO(string_free) char *nodes_were = strings_join(&was.source.nodes, " ");
    AUTO(string_free) char *nodes_are = strings_join(&is->source.nodes, " ");
    if (strcmp(nodes_were, nodes_are) == 0 &&
        strcmp(was.target.replication_group, is->target.replication_group) == 0)
        return true;
    (void)error_set(err, ERROR_STALE,
                    "the migration file names another source or target than run %s",
                    history->last_run);
    return error_hint(err, "abort that run with the file as it was");
}

static bool is_done_already(const char *digest, const struct observed_history *history) {
    bool ended_well = !history->open && history->last_class &&
                      (strcmp(history->last_class, exit_class_name(EXIT_CLASS_OK)) == 0 ||
                       strcmp(history->last_class, exit_class_name(EXIT_CLASS_UNPROVEN)) == 0);
    return digest && (history->finished || ended_well) && strcmp(digest, history->last_digest) == 0;
}

/* The same command is given again and again: a plan of what remains may have no gate any more. */
static bool knows_places(const struct application *application, struct error *err) {
    const struct plan *plan = &application->plan;
    return (!plan->core.gates.count || gates_has(plan, application->gates->approved, err)) &&
           gates_may_stop(plan, application->gates->until, err);
}

/* *nothing: the plan was carried out before, or there is nothing to do. An open run is given up
 * even when it has done nothing yet. */
static bool start_run(struct application *application, const struct observed_history *history,
                      bool *nothing, struct error *err) {
    struct session *session = &application->session;
    const char *digest = approved_digest(application);
    *nothing = is_done_already(digest, history);
    if (*nothing)
        return true;
    bool gives_up = application->mode == PLAN_ABORT && history->open;
    if ((gives_up && !same_servers(application, history, err)) ||
        !session_plan(session, application->mode, &application->plan, &application->facts, err))
        return false;
    if (digest && strcmp(digest, application->plan.digest) != 0)
        return refuse_stale(application, digest, err);
    if (!application->plan.context.applyable)
        return refuse_blocked(application, err);
    *nothing = application->plan.core.steps.count == 0 && !gives_up;
    return *nothing ||
           (knows_places(application, err) && application_open_signing(application, err) &&
            application_is_approved(application, err) &&
            begin_run(application->call, session, &application->plan, application->actor,
                      application->journal, err));
}

static bool is_same_world(struct application *application, const struct journal_state *state,
                          struct error *err) {
    return same_world(application->call, &application->session, &application->plan, state, err);
}

static bool is_same_after_lift(void *application, struct error *err) {
    struct application *own = application;
    return is_same_world(own, journal_state(own->journal), err);
}

/* An open run goes on with its own stored plan. An open critical section is settled before anything
 * is compared: its fence is a difference that we made. An abort goes on whatever has moved. */
static bool resume_run(struct application *application, const struct observed_history *history,
                       bool *nothing, struct error *err) {
    struct session *session = &application->session;
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    const char *migration = session->config.migration, *digest = approved_digest(application);
    if (!read_open_plan(application, history, &application->plan, err) ||
        !knows_places(application, err))
        return false;
    if (!journal_read_run(session->store, migration, history->last_run, &files, err))
        return error_wrap(err, "open run %s", history->last_run);
    if (digest && strcmp(digest, application->plan.digest) != 0)
        return error_set(err, ERROR_STALE,
                         "run %s of plan sha256:%.12s… is open, sha256:%.12s… was approved",
                         history->last_run, application->plan.digest, digest) ||
               error_hint(err, "go on with the open run: ecmig apply %s", session->words);
    bool settles_first =
        files.state.cutover != JOURNAL_MARK_COUNT || application->plan.core.mode == PLAN_ABORT;
    if (!same_config(session, &application->plan, application->report, err) ||
        !signing_same(&application->plan, &session->config, session->folder, session->words, err) ||
        !application_open_signing(application, err) ||
        !application_is_still_approved(application, &files.state, err) ||
        !(settles_first || is_same_world(application, &files.state, err)))
        return false;
    if (journal_resume(application->journal, history->last_run, application->actor, err))
        return true;
    /* Its last entry had stayed on this machine, and is in the repository now. */
    *nothing = err->code == ERROR_REFUSED;
    if (*nothing)
        error_clear(err);
    return *nothing;
}

/* An open run goes on with its own plan, unless another one, made with that run on record, is
 * approved: a continuation, or an abort. A run inside its cutover is left for an abort only, and an
 * abort for nothing. */
static bool goes_on(const struct application *application, const struct observed_history *history) {
    const char *digest = approved_digest(application);
    bool other = digest && history->last_digest && strcmp(digest, history->last_digest) != 0;
    bool aborts = history->open && strcmp(history->last_mode, plan_mode_names[PLAN_ABORT]) == 0;
    if (aborts || application->mode == PLAN_ABORT)
        return aborts;
    return history->open && (!other || history->fence);
}

static void execute(struct application *application, struct executor_outcome *outcome) {
    struct session *session = &application->session;
    const struct gate_options *gates = application->gates;
    struct events *events = report_events(application->report);
    events->migration = session->config.migration;
    events->run = journal_run(application->journal);
    events->epoch = journal_epoch(application->journal);
    AUTO(site_close)
    struct site site = { .config = &session->config,
                         .config_folder = session->folder,
                         .config_file = session->words,
                         .plan = &application->plan,
                         .approved_gate = gates->approved,
                         .accepted_programs =
                             options_strings(application->call->options, "accept-program"),
                         .actor = application->actor,
                         .policy = &application->signing.policy,
                         .signer = &application->signing.entries,
                         .approver = &application->signing.approvals,
                         .service = session->service,
                         .store = session->store,
                         .journal = application->journal,
                         .events = events,
                         .stop = application->stop,
                         .source_password = session->password,
                         .source_tls = session->tls };
    const struct executor_options how = { .until = gates->until,
                                          .wait_at_gate = gates->wait,
                                          .same_world = is_same_after_lift,
                                          .context = application };
    AUTO(string_free) char *record = gitstore_place(session->store);
    report_begin(application->report, &application->plan, journal_run(application->journal),
                 record);
    executor_run(&site, &how, outcome);
}

static void set_result(struct application *application, enum exit_class class, bool changed) {
    result_set(&application->result, class, changed);
    if (!application->result.digest)
        string_replace(&application->result.digest, application->plan.digest);
}

static enum exit_class finish(struct application *application, struct executor_outcome *outcome,
                              struct error *err) {
    AUTO(error_clear) struct error unrecorded = { 0 };
    spools_late(application->journal, outcome);
    set_result(application, outcome->class, outcome->changed);
    bool ours = outcome->class != EXIT_CLASS_FENCED;
    if (ours && !journal_finish(application->journal, &application->result, &unrecorded)) {
        spools_end(application->call, &application->session, application->journal,
                   report_events(application->report), outcome, &unrecorded);
        set_result(application, outcome->class, outcome->changed);
    }
    report_end(application->report, &application->plan, &application->result, outcome,
               application->session.words);
    if (outcome->class != EXIT_CLASS_OK && outcome->class != EXIT_CLASS_GATE)
        error_move(err, &outcome->error);
    return outcome->class;
}

static void say_waiting(void *context, const char *words) {
    struct application *application = context;
    bool happened = application->journal != NULL; /* else a lock is waited for */
    events_emit(report_events(application->report), EVENT_DIAGNOSTIC,
                happened ? SEVERITY_WARNING : SEVERITY_NOTE, NULL, "waiting", NULL, "%s", words);
}

static bool take_lock(struct application *application, struct error *err) {
    struct session *session = &application->session;
    const struct call *call = application->call;
    const struct journal_patience patience = { .wait_ms =
                                                   options_int(call->options, "lock-timeout", -1),
                                               .stop = application->stop,
                                               .say = say_waiting,
                                               .context = application };
    return journal_open(session->store, session->config.migration, application->actor, &patience,
                        &application->journal, err);
}

static bool watch_signals(struct application *application, int64_t deadline_ms, struct error *err) {
    if (!stop_open(deadline_ms ? clock_mono_ms() + deadline_ms : 0, &application->stop, err))
        return false;
    application->session.stop = application->stop;
    return true;
}

static enum exit_class carry_out(struct application *application, struct error *err) {
    struct session *session = &application->session;
    const struct options *options = application->call->options;
    AUTO(observed_clear) struct observed history_holder = { 0 };
    AUTO(executor_outcome_clear) struct executor_outcome outcome = { 0 };
    struct observed_history *history = &history_holder.history;
    int64_t deadline_ms = options_int(options, "deadline", 0);
    bool nothing = false;
    output_passing(application->call->output, SESSION_LOOKS);
    if (!session_open(application->call, application->mode == PLAN_MIGRATE, session, err) ||
        !watch_signals(application, deadline_ms, err) ||
        !is_digest_or_none(approved_digest(application), err) ||
        !spools_check(application->call, session, err) || !take_lock(application, err) ||
        !session_history(session, history, err))
        return error_exit_class(err->code);
    report_events(application->report)->migration = session->config.migration;
    if (session->has_plan)
        application->mode = session->given.core.mode;
    if (!(goes_on(application, history) ? resume_run(application, history, &nothing, err)
                                        : start_run(application, history, &nothing, err)))
        return error_exit_class(err->code);
    if (nothing) {
        string_replace(&application->result.run, history->last_run);
        report_events(application->report)->run = application->result.run;
        report_nothing(application->report, history);
        return EXIT_CLASS_OK;
    }
    execute(application, &outcome);
    return finish(application, &outcome, err);
}

enum exit_class application_run(const struct call *call, enum plan_mode mode,
                                const struct gate_options *gates, struct error *err) {
    AUTO(application_close)
    struct application application = {
        .call = call, .mode = mode, .gates = gates, .actor = session_actor()
    };
    output_only_reports(call->output);
    bool reports =
        report_open(call->output, call->command->name, options_flag(call->options, "json"),
                    options_string(call->options, "events"), &application.report, err);
    enum exit_class class = reports ? carry_out(&application, err) : error_exit_class(err->code);
    if (class == EXIT_CLASS_LOCKED && err->hint)
        (void)error_hint(err, "%s; see: ecmig lock show %s", err->hint, application.session.words);
    if (!application.result.class)
        set_result(&application, class, false);
    if (reports)
        report_close_stream(application.report, &application.result);
    report_result(call->output, options_string(call->options, "result"), &application.result);
    return class;
}
