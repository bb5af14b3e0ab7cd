/* ecmig status: where a migration stands, what it waits for and who holds its lock. */
#include <stdlib.h>
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/migration/session.h"
#include "cmd/migration/spools.h"
#include "cmd/migration/state.h"
#include "cmd/views/status.h"
#include "cmd/views/view.h"
#include "executor/cutover/aftermath.h"
#include "executor/record/succession.h"
#include "schemas/base/memory.h"

static bool keep_untrusted(struct error *untrusted, struct standing *out, struct error *err) {
    if (untrusted->code == ERROR_IO) {
        error_move(err, untrusted);
        return false;
    }
    out->untrusted = xstrdup(untrusted->message);
    out->remedy = xstrdup(untrusted->hint);
    return true;
}

static bool look_for_note(const struct state *state, struct standing *out, struct error *err) {
    AUTO(succession_verdict_clear) struct succession_verdict verdict = { 0 };
    const struct succession succession = { state->store, state->migration, &state->keys,
                                           &out->runs };
    if (!succession_judge(&succession, 0, &verdict, err))
        return false;
    string_replace(&out->note, verdict.note);
    return true;
}

static bool look(const struct state *state, struct standing *out, struct error *err) {
    AUTO(error_clear) struct error untrusted = { 0 };
    out->migration = state->migration;
    out->file = state->file ? state->words : NULL;
    out->subject = state->subject;
    out->record = gitstore_place(state->store);
    out->locked = state_lock(state, state->migration, &out->lock, &out->broken_lock);
    out->works = out->locked && state_works(state, state->migration, &out->lock);
    spools_waiting(state, &out->spools, &out->kept);
    const struct journal_reading reading = state_reading(state, state->migration);
    if (!journal_history(state->store, state->migration, &out->runs, err))
        return error_hint(err, "'ecmig log %s --verify' lists everything that does not verify",
                          state->subject);
    if (out->runs.count == 0)
        return journal_trust_empty(&reading, &untrusted) || keep_untrusted(&untrusted, out, err);
    AUTO(text_clear) struct text plan = { 0 };
    AUTO(error_clear) struct error unreadable = { 0 };
    const struct run_summary *newest = &out->runs.items[0];
    if (!journal_trust(&reading, newest->run, &untrusted) && !keep_untrusted(&untrusted, out, err))
        return false;
    if (!out->untrusted && !look_for_note(state, out, err))
        return false;
    if (journal_read_plan(state->store, state->migration, newest->plan, &plan, &unreadable))
        (void)!plan_parse(plan.bytes, plan.length, &out->plan, &unreadable);
    return journal_read_run(state->store, state->migration, newest->run, &out->last, err) &&
           ballots_look(state, &out->plan, newest, &out->ballots, err);
}

/* A password that was taken off for the migration stays off until somebody takes it back. */
static void look_for_open_nodes(const struct call *call, struct standing *standing) {
    AUTO(session_close) struct session session = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    if (standing->untrusted || !standing->plan.core.observed.facts ||
        !session_open(call, false, &session, &err))
        return;
    string_replace(&standing->username, session.config.source.username);
    aftermath_open_nodes(&session.config.source, session.tls, &standing->plan,
                         &standing->open_nodes);
}

static void look_at_fence(const struct call *call, struct standing *standing) {
    AUTO(session_close) struct session session = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    const struct run_summary *run = &standing->runs.items[0];
    if (standing->untrusted || !standing->plan.core.observed.facts ||
        !fence_must_stand(run->mode, run->open, &standing->plan, &standing->last.state) ||
        !session_open(call, false, &session, &err))
        return;
    const struct fence_source source = { &session.config.source, session.password, session.tls };
    fence_standing_init(&standing->plan, run->run, &standing->fence);
    fence_standing_ask(&source, NULL, &standing->fence);
}

static enum exit_class run_status(const struct call *call, struct error *err) {
    AUTO(state_close) struct state state = { 0 };
    AUTO(standing_clear) struct standing standing = { 0 };
    if (!state_open(call, call->arguments->items[0], &state, err) ||
        (!state.file && !state_knows(&state, err)) || !look(&state, &standing, err))
        return error_exit_class(err->code);
    standing.has_live = state.file && standing.runs.count > 0 && standing.runs.items[0].open;
    if (standing.has_live)
        live_look(call, &standing.live);
    else if (state.file && standing.runs.count > 0)
        look_for_open_nodes(call, &standing);
    if (state.file && standing.runs.count > 0)
        look_at_fence(call, &standing);
    view_show(call->output, &(struct view){ DOCUMENT_STATUS, .standing = &standing });
    return EXIT_CLASS_OK;
}

const struct command command_status = {
    .name = "status",
    .workflow = WORKFLOW_LOOK,
    .examples = "ecmig status orders.yaml\n"
                "ecmig status orders --state ./state --format json",
    .arguments = "FILE|NAME",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "reads",
    .summary = "Show the state of a migration, what it waits for and who holds its lock",
    .description = "Shows the newest run in the state repository and, while one is open, asks "
                   "source and target how far apart they are. A NAME needs --state and is answered "
                   "from the record alone.",
    .formats = FORMATS_ALL,
    .run = run_status,
};
