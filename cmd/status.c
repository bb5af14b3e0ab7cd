/* ecmig status: where a migration stands, what it waits for and who holds its lock. */
#include <stdlib.h>
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/migration/ballots.h"
#include "cmd/migration/live.h"
#include "cmd/migration/session.h"
#include "cmd/migration/spools.h"
#include "cmd/migration/state.h"
#include "executor/cutover/aftermath.h"
#include "executor/cutover/standing.h"
#include "planner/planner.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define STATUS_COLUMNS 8 /* of the names at the left */

static void say_cutover(const struct journal_state *run, struct text *page) {
    char when[CLOCK_TEXT_BYTES];
    clock_format_seconds(run->marks[run->cutover].at_ms, when);
    text_addf(page, "  cutover  %s since %s: %s\n", journal_mark_name(run->cutover), when,
              journal_mark_sentence(run->cutover));
}

static void say_why(const struct journal_step *failed, struct text *page) {
    const char *why = failed ? json_find_string(failed->outcome, "message") : NULL;
    if (why)
        text_addf(page, "  why      %s\n", why);
}

/* Of an open run that migrates. */
static void say_clients(const struct journal_state *run, bool fences,
                        const struct fence_standing *fence, struct text *page) {
    char when[CLOCK_TEXT_BYTES];
    clock_format_seconds(run->marks[JOURNAL_MARK_SENDING].at_ms, when);
    text_add(page, "  clients  ");
    if (run->cutover == JOURNAL_MARK_COUNT && run->drilling)
        text_add(page, "may be held on the source by a drill that has no end on record\n");
    else if (run->cutover == JOURNAL_MARK_COUNT)
        text_add(page, "use the source as before\n");
    else if (!fences && run->cutover <= JOURNAL_MARK_CONFIRMED)
        text_add(page, "use the source, and NOTHING STOPS THEIR WRITES until the switch\n");
    else if (!fences)
        text_add(page,
                 "use the target, as far as they were moved; nothing stops writes to the source\n");
    else if (run->cutover < JOURNAL_MARK_SENDING)
        text_add(page, "use the source; their writes may have to wait\n");
    else if (fence_standing_is_missing(fence))
        text_add(page, "THE SOURCE ACCEPTS WRITES that the target may not get: apply again\n");
    else if (run->cutover <= JOURNAL_MARK_CONFIRMED)
        text_addf(page, "WRITES ARE REFUSED on the source since %s, until the switch\n", when);
    else
        text_addf(page,
                  "use the target, as far as they were moved; the source refuses writes since %s\n",
                  when);
}

/* Of a run that migrated to its end. */
static void say_moved(const struct json *cutover, struct text *page) {
    text_add(page,
             json_count(json_find(cutover, "switch")) > 0
                 ? "  clients  use the target\n"
                 : "  clients  MOVE THE APPLICATIONS to the target, where that is not done: no "
                   "hook does\n");
}

static void say_spools(const struct strings *spools, struct text *page) {
    for (size_t i = 0; i < spools->count; i++)
        text_addf(page, "  spool    %s: what happened and is not on record\n", spools->items[i]);
}

struct standing {
    struct run_summaries runs;
    struct journal_run_files last; /* of the newest run */
    struct plan plan;              /* likewise; empty where it cannot be read */
    struct ballots ballots;
    struct lock_record lock;
    char *broken_lock;     /* why lock.json cannot be read, or NULL */
    char *untrusted;       /* why the record of the newest run does not verify, or NULL */
    bool locked, works;    /* somebody may be at work under it */
    struct strings spools; /* that wait to be merged */
    bool kept;             /* apply merges them by itself */
    bool has_live;         /* a run is open, and the file says where to look */
    struct live live;
    struct strings open_nodes;   /* of the source of a run that ended: they let anybody in */
    char *username;              /* of source.username, or NULL */
    struct fence_standing fence; /* nobody was asked where there is none */
};

/* Who holds it cannot be told of one that cannot be read: somebody may be at work. */
static void say_lock(const struct state *state, const struct standing *standing,
                     struct text *page) {
    if (standing->locked) {
        text_add(page, "  lock     ");
        state_lock_words(&standing->lock, page);
        text_add(page, standing->works ? "\n" : "; nobody is at work: apply takes it over\n");
    } else if (standing->broken_lock) {
        text_addf(page, "  lock     NOT READABLE: %s\n           see: ecmig log %s --verify\n",
                  standing->broken_lock, state->subject);
    } else if (standing->runs.count) {
        text_add(page, "  lock     free\n");
    }
}

static void standing_clear(struct standing *standing) {
    run_summaries_clear(&standing->runs);
    journal_run_files_clear(&standing->last);
    plan_clear(&standing->plan);
    ballots_clear(&standing->ballots);
    lock_record_clear(&standing->lock);
    string_free(standing->broken_lock);
    string_free(standing->untrusted);
    strings_clear(&standing->spools);
    live_clear(&standing->live);
    strings_clear(&standing->open_nodes);
    string_free(standing->username);
    fence_standing_clear(&standing->fence);
}
AUTO_VALUE(struct standing, standing_clear)

static bool look(const struct state *state, struct standing *out, struct error *err) {
    AUTO(error_clear) struct error untrusted = { 0 };
    out->locked = state_lock(state, state->migration, &out->lock, &out->broken_lock);
    out->works = out->locked && state_works(state, state->migration, &out->lock);
    spools_waiting(state, &out->spools, &out->kept);
    if (!journal_history(state->store, state->migration, &out->runs, err))
        return error_hint(err, "'ecmig log %s --verify' lists everything that does not hold",
                          state->subject);
    if (out->runs.count == 0)
        return true;
    AUTO(text_clear) struct text plan = { 0 };
    AUTO(error_clear) struct error unreadable = { 0 };
    const struct run_summary *newest = &out->runs.items[0];
    if (!journal_trust(state->store, state->migration, newest->run, &untrusted))
        out->untrusted = xstrdup(untrusted.message);
    if (journal_read_plan(state->store, state->migration, newest->plan, &plan, &unreadable))
        (void)!plan_parse(plan.bytes, plan.length, &out->plan, &unreadable);
    return journal_read_run(state->store, state->migration, newest->run, &out->last, err) &&
           ballots_look(state, &out->plan, newest, &out->ballots, err);
}

/* The target was to follow, and does not: this run did not promote it. */
static bool is_taken(const struct standing *standing) {
    const struct journal_state *run = &standing->last.state;
    bool sent = run->cutover != JOURNAL_MARK_COUNT && run->cutover >= JOURNAL_MARK_SENDING;
    return standing->has_live && standing->live.detached && !sent &&
           journal_progress_of(run, step_key_start_migration) == PROGRESS_DONE;
}

static bool is_of_other(const struct standing *standing) {
    const char *run = standing->live.mark_run;
    for (size_t i = 0; run && i < standing->runs.count; i++)
        if (strcmp(standing->runs.items[i].run, run) == 0)
            return false;
    return run != NULL;
}

/* Nothing here says where the applications are: a fence may be all that protects their writes. */
static void say_taken(const struct standing *standing, struct text *page) {
    const struct live *live = &standing->live;
    text_add(page, "  clients  CANNOT BE TOLD FROM THIS RECORD: the target does not follow the "
                   "source any more, and this run did not promote it\n");
    if (is_of_other(standing))
        text_addf(page, "  other    the target carries the mark of run %s%s%s\n", live->mark_run,
                  live->mark_record ? ", whose record is " : "",
                  live->mark_record ? live->mark_record : "");
    text_add(page, "           lift no fence on the source before it is known which of the two the "
                   "applications use\n");
}

/* Where the applications are, of a run that migrates. */
static void say_where(const struct standing *standing, struct text *page) {
    const struct run_summary *run = &standing->runs.items[0];
    const struct json *cutover = json_find(standing->plan.core.config, "cutover");
    const char *writes = json_find_string(cutover, "writes");
    bool ended = run->class && (strcmp(run->class, exit_class_name(EXIT_CLASS_OK)) == 0 ||
                                strcmp(run->class, exit_class_name(EXIT_CLASS_UNPROVEN)) == 0);
    bool fences = !writes || strcmp(writes, config_writes_names[WRITES_NONE]) != 0;
    if (strcmp(run->mode, plan_mode_names[PLAN_MIGRATE]) != 0)
        return;
    if (run->open && is_taken(standing))
        say_taken(standing, page);
    else if (run->open)
        say_clients(&standing->last.state, fences, &standing->fence, page);
    else if (ended && cutover)
        say_moved(cutover, page);
}

static void say_next(const struct state *state, const struct standing *standing,
                     struct text *page) {
    const struct run_summary *run = &standing->runs.items[0];
    const struct ballots *ballots = &standing->ballots;
    bool works = standing->works, is_signed = ballots->policy.file != NULL;
    bool waits = run->open && run->gate && !tally_is_enough(&ballots->gate);
    const char *file = state->file ? state->words : "FILE";
    text_add(page, "  next     ");
    if (!run->open && fence_standing_answers(&standing->fence))
        text_addf(page, "ecmig watch-fence --keep %s, until the source is shut down\n", file);
    else if (!run->open)
        text_addf(page, "ecmig plan %s\n", file);
    else if (waits && (works || is_signed))
        text_addf(page, "ecmig approve sha256:%s --gate %s%s %s\n", run->plan, run->gate,
                  is_signed ? " --sign-with KEY" : "", file);
    else if (waits)
        text_addf(page, "ecmig apply --approve-gate %s %s\n", run->gate, file);
    else if (works)
        text_addf(page, "nothing: it is being worked on\n");
    else
        text_addf(page, "ecmig %s %s\n", strcmp(run->mode, "abort") == 0 ? "abort" : "apply", file);
}

static void say_standing(const struct state *state, const struct standing *standing,
                         struct text *page) {
    AUTO(string_free) char *record = gitstore_place(state->store);
    if (standing->runs.count == 0) {
        text_addf(page, "%s: no run yet\n  record   %s\n", state->migration, record);
        say_lock(state, standing, page);
        say_spools(&standing->spools, page);
        text_addf(page, "  next     ecmig plan %s\n", state->file ? state->words : "FILE");
        return;
    }
    const struct run_summary *run = &standing->runs.items[0];
    text_addf(page, "%s: ", state->migration);
    state_run_words(run, standing->works, page);
    text_addf(page, "\n\n  record   %s\n  run      %s, %s, started %s\n  plan     sha256:%s\n",
              record, run->run, run->mode, run->started_at, run->plan);
    enum journal_progress progress =
        run->step ? journal_progress_of(&standing->last.state, run->step) : PROGRESS_NONE;
    if (progress != PROGRESS_NONE)
        text_addf(page, "  step     %s: %s\n", run->step, journal_progress_name(progress));
    say_why(progress == PROGRESS_FAILED ? journal_step_find(&standing->last.state, run->step)
                                        : NULL,
            page);
    if (run->open && run->gate)
        ballots_say_gate(run->gate, &standing->ballots, page);
    if (standing->has_live)
        live_say(&standing->live, page);
    if (run->open && standing->last.state.cutover != JOURNAL_MARK_COUNT)
        say_cutover(&standing->last.state, page);
    say_where(standing, page);
    fence_standing_say(&standing->fence, STATUS_COLUMNS, page);
    aftermath_say_password(&(const struct config_source){ .username = standing->username },
                           &standing->open_nodes, STATUS_COLUMNS, page);
    ballots_say(&standing->ballots, page);
    say_lock(state, standing, page);
    if (standing->untrusted)
        text_addf(page, "  record   NOT VERIFIED: %s\n           see: ecmig log %s --verify\n",
                  standing->untrusted, state->subject);
    say_spools(&standing->spools, page);
    if (is_taken(standing)) {
        text_addf(page, "  next     ecmig plan %s\n", state->file ? state->words : "FILE");
        return;
    }
    if (standing->spools.count && !standing->kept) {
        AUTO(string_free) char *spool = render_quoted(standing->spools.items[0]);
        text_addf(page, "  next     ecmig recover %s --spool %s\n",
                  state->file ? state->words : "FILE", spool);
        return;
    }
    say_next(state, standing, page);
}

static struct json *standing_json(const struct state *state, const struct standing *standing) {
    struct json *document = json_new_object();
    AUTO(string_free) char *record = gitstore_place(state->store);
    json_put_string(document, "migration", state->migration);
    json_put_string(document, "record", record);
    json_put_int(document, "runs", (int64_t)standing->runs.count);
    if (standing->runs.count > 0)
        json_put(document, "run", shape_write(&run_summary_shape, &standing->runs.items[0]));
    if (standing->locked)
        json_put(document, "lock", state_lock_json(&standing->lock));
    json_put_string(document, "lock_problem", standing->broken_lock);
    json_put_string(document, "record_problem", standing->untrusted);
    json_put_strings(document, "spools", &standing->spools);
    json_put_strings(document, "open_nodes", &standing->open_nodes);
    if (standing->fence.nodes.count)
        json_put(document, "fence", fence_standing_json(&standing->fence));
    if (standing->has_live) {
        json_put(document, "live", shape_write(&live_shape, &standing->live));
        json_put_bool(document, "promoted_by_other", is_taken(standing));
    }
    json_put(document, "approvals", ballots_json(&standing->ballots));
    json_put_string(document, "approvals_problem", standing->ballots.problem);
    return document;
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
    if (output_format(call->output) == FORMAT_JSON) {
        AUTO(json_free) struct json *document = standing_json(&state, &standing);
        output_json(call->output, document);
    } else {
        AUTO(text_clear) struct text page = TEXT_PAGE;
        say_standing(&state, &standing, &page);
        output_text(call->output, text_string(&page));
    }
    return EXIT_CLASS_OK;
}

const struct command command_status = {
    .name = "status",
    .arguments = "FILE|NAME",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "reads",
    .summary = "Show where a migration stands, what it waits for and who holds its lock",
    .description = "Tells of the newest run in the state repository, and while one is open asks "
                   "source and target how far apart they are. A NAME needs --state, and is told "
                   "from the record alone.",
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_status,
};
