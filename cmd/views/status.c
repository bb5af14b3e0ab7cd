#include "cmd/views/status.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/migration/state.h"
#include "cmd/views/view.h"
#include "executor/cutover/aftermath.h"
#include "executor/handover.h"
#include "planner/planner.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define STATUS_COLUMNS 8 /* of the labels */

static const char *file_of(const struct standing *standing) {
    return standing->file ? standing->file : "FILE";
}

static void say_cutover(const struct journal_state *run, struct sheet *sheet) {
    char when[CLOCK_TEXT_BYTES];
    clock_format_seconds(run->marks[run->cutover].at_ms, when);
    text_addf(sheet_label(sheet, "cutover"), "%s since %s: %s", journal_mark_name(run->cutover),
              when, journal_mark_sentence(run->cutover));
}

static void say_why(const struct journal_step *failed, struct sheet *sheet) {
    const char *why = failed ? json_find_string(failed->outcome, "message") : NULL;
    if (why)
        text_addf(sheet_label(sheet, "why"), "%s", why);
}

/* Of an open run that migrates. */
static void say_clients(const struct journal_state *run, bool fences,
                        const struct fence_standing *fence, struct sheet *sheet) {
    char when[CLOCK_TEXT_BYTES];
    clock_format_seconds(run->marks[JOURNAL_MARK_SENDING].at_ms, when);
    struct text *line = sheet_label(sheet, "clients");
    if (run->cutover == JOURNAL_MARK_COUNT && run->drilling)
        text_add(line, "may be held on the source by a drill whose end is not recorded");
    else if (run->cutover == JOURNAL_MARK_COUNT)
        text_add(line, "use the source as before");
    else if (!fences && run->cutover <= JOURNAL_MARK_CONFIRMED)
        text_add(line, "use the source, and NOTHING STOPS THEIR WRITES until the switch");
    else if (!fences)
        text_add(line,
                 "use the target, as far as they were moved; nothing stops writes to the source");
    else if (run->cutover < JOURNAL_MARK_SENDING)
        text_add(line, "use the source; their writes may have to wait");
    else if (fence_standing_is_missing(fence))
        text_add(line, "THE SOURCE ACCEPTS WRITES that the target may not get: apply again");
    else if (run->cutover <= JOURNAL_MARK_CONFIRMED)
        text_addf(line, "WRITES ARE REFUSED on the source since %s, until the switch", when);
    else
        text_addf(line,
                  "use the target, as far as they were moved; the source refuses writes since %s",
                  when);
}

/* Of a run that migrated to its end. */
static void say_moved(const struct json *cutover, struct sheet *sheet) {
    text_add(sheet_label(sheet, "clients"),
             json_count(json_find(cutover, "switch")) > 0
                 ? "use the target"
                 : "MOVE THE APPLICATIONS to the target, unless that is done: no hook does it");
}

static void say_spools(const struct strings *spools, struct sheet *sheet) {
    for (size_t i = 0; i < spools->count; i++)
        text_addf(sheet_label(sheet, "spool"), "%s: entries that are not recorded",
                  spools->items[i]);
}

/* Who holds it cannot be told of one that cannot be read: a process may be running. */
static void say_lock(const struct standing *standing, struct sheet *sheet) {
    if (standing->locked) {
        struct text *line = sheet_label(sheet, "lock");
        state_lock_words(&standing->lock, line);
        text_add(line, standing->works ? "" : "; the holder is not running; apply takes over");
    } else if (standing->broken_lock) {
        text_addf(sheet_label(sheet, "lock"), "NOT READABLE: %s", standing->broken_lock);
        text_addf(sheet_more(sheet), "see: ecmig log %s --verify", standing->subject);
    } else if (standing->runs.count) {
        text_add(sheet_label(sheet, "lock"), "free");
    }
}

void standing_clear(struct standing *standing) {
    string_free(standing->record);
    run_summaries_clear(&standing->runs);
    journal_run_files_clear(&standing->last);
    plan_clear(&standing->plan);
    ballots_clear(&standing->ballots);
    lock_record_clear(&standing->lock);
    string_free(standing->broken_lock);
    string_free(standing->untrusted);
    string_free(standing->remedy);
    string_free(standing->note);
    strings_clear(&standing->spools);
    live_clear(&standing->live);
    strings_clear(&standing->open_nodes);
    string_free(standing->username);
    fence_standing_clear(&standing->fence);
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
static void say_taken(const struct standing *standing, struct sheet *sheet) {
    const struct live *live = &standing->live;
    text_add(sheet_label(sheet, "clients"), "UNKNOWN FROM THIS RECORD: the target no longer "
                                            "follows the source, and this run did not promote it");
    if (is_of_other(standing))
        text_addf(sheet_label(sheet, "other"), "the target carries the mark of run %s%s%s",
                  live->mark_run, live->mark_record ? ", whose record is " : "",
                  live->mark_record ? live->mark_record : "");
    text_add(sheet_more(sheet),
             "lift no fence on the source until it is known which of the two the applications use");
}

/* Where the applications are, of a run that migrates. */
static void say_where(const struct standing *standing, struct sheet *sheet) {
    const struct run_summary *run = &standing->runs.items[0];
    const struct json *cutover = json_find(standing->plan.core.config, "cutover");
    const char *writes = json_find_string(cutover, "writes");
    bool ended = run->class && exit_class_is_done(run->class);
    bool fences = !writes || strcmp(writes, config_writes_names[WRITES_NONE]) != 0;
    if (strcmp(run->mode, plan_mode_names[PLAN_MIGRATE]) != 0)
        return;
    if (run->open && is_taken(standing))
        say_taken(standing, sheet);
    else if (run->open)
        say_clients(&standing->last.state, fences, &standing->fence, sheet);
    else if (ended && cutover)
        say_moved(cutover, sheet);
}

static void say_next(const struct standing *standing, struct sheet *sheet) {
    const struct run_summary *run = &standing->runs.items[0];
    const struct ballots *ballots = &standing->ballots;
    bool works = standing->works, is_signed = ballots->policy.file != NULL;
    bool waits = run->open && run->gate && !tally_is_enough(&ballots->gate);
    const char *file = file_of(standing);
    if (!run->open && fence_standing_answers(&standing->fence))
        text_addf(sheet_label(sheet, "next"),
                  "ecmig watch-fence --keep %s, until the source is shut down", file);
    else if (!run->open)
        text_addf(sheet_command(sheet, "next"), "ecmig plan %s", file);
    else if (waits && (works || is_signed))
        text_addf(sheet_command(sheet, "next"), "ecmig approve sha256:%s --gate %s%s %s", run->plan,
                  run->gate, is_signed ? " --sign-with KEY" : "", file);
    else if (waits)
        text_addf(sheet_command(sheet, "next"), "ecmig apply --approve-gate %s %s", run->gate,
                  file);
    else if (works)
        text_add(sheet_label(sheet, "next"), "none: a run is in progress");
    else
        text_addf(sheet_command(sheet, "next"), "ecmig %s %s",
                  strcmp(run->mode, "abort") == 0 ? "abort" : "apply", file);
}

static void say_lag(const struct live *live, struct sheet *sheet) {
    struct text *line = sheet_label(sheet, "lag");
    if (live->lag_bytes >= 0)
        units_add_bytes(line, live->lag_bytes);
    else
        text_addf(line, "unknown: %s", live->problem ? live->problem : "no server could be asked");
    if (live->target_status)
        text_addf(line, "; the target is %s", live->target_status);
}

static void say_approvals(const struct ballots *ballots, struct sheet *sheet) {
    for (size_t i = 0; i < ballots->judged.count; i++) {
        const struct judged *judged = &ballots->judged.items[i];
        const struct approval *approval = &judged->approval;
        const char *what = approval->gate ? approval->gate : "";
        const char *kind = approval->gate ? "gate " : "the plan";
        if (judged->why)
            text_addf(sheet_label(sheet, "refused"), "%s%s, %s by %s: %s", kind, what,
                      judged_name(judged), approval_said_by(approval), judged->why);
        else
            text_addf(sheet_label(sheet, "approved"), "%s%s by %s%s%s%s, %s", kind, what,
                      approval_said_by(approval), judged->key ? " (signed, " : "",
                      judged->key ? judged->key : "", judged->key ? ")" : "", approval->when);
    }
    if (ballots->problem)
        text_addf(sheet_label(sheet, "approved"), "NOT VERIFIED: %s", ballots->problem);
}

static void say_gate(const char *gate, const struct ballots *ballots, struct sheet *sheet) {
    struct text *line = sheet_label(sheet, "gate");
    text_addf(line, "%s: %s", gate, tally_is_enough(&ballots->gate) ? "approved" : "not approved");
    if (ballots->gate.wanted > 1)
        text_addf(line, ": %d of %d", (int)ballots->gate.given, (int)ballots->gate.wanted);
}

static void say_handover(const struct journal_state *run, struct sheet *sheet) {
    AUTO(text_clear) struct text endpoint = TEXT_PAGE, ready = TEXT_PAGE;
    handover_add_endpoint(run, &endpoint);
    handover_add_ready(run, &ready);
    if (endpoint.length)
        text_add(sheet_label(sheet, "endpoint"), text_string(&endpoint));
    if (ready.length)
        text_add(sheet_label(sheet, "ready"), text_string(&ready));
}

static void say_run(const struct standing *standing, struct sheet *sheet) {
    const struct run_summary *run = &standing->runs.items[0];
    text_addf(sheet_label(sheet, "record"), "%s", standing->record);
    text_addf(sheet_label(sheet, "run"), "%s, %s, started %s", run->run, run->mode,
              run->started_at);
    text_addf(sheet_label(sheet, "plan"), "sha256:%s", run->plan);
    enum journal_progress progress =
        run->step ? journal_progress_of(&standing->last.state, run->step) : PROGRESS_NONE;
    if (progress != PROGRESS_NONE)
        text_addf(sheet_label(sheet, "step"), "%s: %s", run->step, journal_progress_name(progress));
    if (progress == PROGRESS_FAILED)
        say_why(journal_step_find(&standing->last.state, run->step), sheet);
    if (run->open && run->gate)
        say_gate(run->gate, &standing->ballots, sheet);
    say_handover(&standing->last.state, sheet);
    if (standing->has_live)
        say_lag(&standing->live, sheet);
    if (run->open && standing->last.state.cutover != JOURNAL_MARK_COUNT)
        say_cutover(&standing->last.state, sheet);
}

/* What leads on, where something has to be seen to first. */
static bool say_first(const struct standing *standing, struct sheet *sheet) {
    bool is_new = standing->runs.count == 0;
    if (standing->untrusted) {
        text_addf(sheet_command(sheet, "next"), "ecmig log %s --verify", standing->subject);
        return true;
    }
    if (is_new || is_taken(standing)) {
        text_addf(sheet_command(sheet, "next"), "ecmig plan %s", file_of(standing));
        return true;
    }
    if (!standing->spools.count || standing->kept)
        return false;
    AUTO(string_free) char *spool = render_quoted(standing->spools.items[0]);
    text_addf(sheet_command(sheet, "next"), "ecmig recover %s --spool %s", file_of(standing),
              spool);
    return true;
}

/* A run that took the place of one that was open is named with it. */
static void say_trust(const struct standing *standing, struct sheet *sheet) {
    if (standing->note)
        text_addf(sheet_label(sheet, "record"), "note: %s", standing->note);
    if (!standing->untrusted)
        return;
    text_addf(sheet_label(sheet, "record"), "NOT VERIFIED: %s", standing->untrusted);
    text_addf(sheet_more(sheet), "see: ecmig log %s --verify", standing->subject);
    if (standing->remedy)
        text_add(sheet_more(sheet), standing->remedy);
    for (size_t i = 1; i < standing->runs.count && standing->runs.items[i].given_up_by; i++)
        text_addf(sheet_label(sheet, "before"), "run %s was open when run %s came",
                  standing->runs.items[i].run, standing->runs.items[i].given_up_by);
}

static void fill(const struct view *view, struct sheet *sheet) {
    const struct standing *standing = view->standing;
    struct text *line = sheet_headline(sheet);
    sheet->label_columns = STATUS_COLUMNS;
    text_addf(line, "%s: ", standing->migration);
    if (standing->runs.count == 0) {
        text_add(line, "no run yet");
        text_addf(sheet_label(sheet, "record"), "%s", standing->record);
    } else {
        state_run_words(&standing->runs.items[0], standing->works, line);
        sheet_gap(sheet);
        say_run(standing, sheet);
        say_where(standing, sheet);
        fence_standing_say(&standing->fence, sheet);
        aftermath_say_password(&(const struct config_source){ .username = standing->username },
                               &standing->open_nodes, sheet);
        say_approvals(&standing->ballots, sheet);
    }
    say_lock(standing, sheet);
    say_trust(standing, sheet);
    say_spools(&standing->spools, sheet);
    if (!say_first(standing, sheet))
        say_next(standing, sheet);
}

static struct json *write_json(const struct view *view) {
    const struct standing *standing = view->standing;
    struct json *document = json_new_object();
    json_put_string(document, "migration", standing->migration);
    json_put_string(document, "record", standing->record);
    json_put_int(document, "runs", (int64_t)standing->runs.count);
    if (standing->runs.count > 0)
        json_put(document, "run", shape_write(&run_summary_shape, &standing->runs.items[0]));
    handover_put(&standing->last.state, document);
    if (standing->locked)
        json_put(document, "lock", state_lock_json(&standing->lock));
    json_put_string(document, "lock_problem", standing->broken_lock);
    json_put_string(document, "record_problem", standing->untrusted);
    json_put_string(document, "record_remedy", standing->remedy);
    json_put_string(document, "record_note", standing->note);
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

const struct view_document view_document_status = { .fill = fill, .json = write_json };
