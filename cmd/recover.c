/* ecmig recover: what observation cannot settle, and the operator's word on it. */
#include <stdlib.h>
#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/migration/open_run.h"
#include "cmd/migration/spools.h"
#include "cmd/migration/vouch.h"
#include "executor/recover.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

#define INTENT_SHOWN_BYTES 400 /* one of a fleet names every node */

static const struct option_row recover_options[] = {
    { "step", OPTION_STRING, .value = "KEY", .summary = "the step to decide, by key or id" },
    { "done", OPTION_FLAG, .summary = "the step took effect" },
    { "not-done", OPTION_FLAG, .summary = "the step had no effect: apply runs it again" },
    { "reason", OPTION_STRING, .value = "TEXT", .summary = "how you know; stored in the record" },
    { "spool", OPTION_STRING, .value = "SPOOL",
      .summary = "merge what a run did and could not push: its spool, or a log that contains it; - "
                 "reads stdin" },
    { "vouch", OPTION_FLAG,
      .summary = "sign the last entry of the open run again: its key was revoked or has expired" },
    SIGNING_OPTIONS,
};

static const char *const verdict_names[] = { "done", "not_done", "again", "under_way", "unknown" };
static const char *const verdict_words[] = {
    "done, as observed: apply records it",
    "not done, as observed: apply runs the step",
    "apply runs it again, which is safe",
    "in progress: apply waits for its end; ",
    "unknown: ",
};

static bool check_usage(const struct options *options, struct error *err) {
    bool step = options_string(options, "step") != NULL;
    bool done = options_flag(options, "done"), not_done = options_flag(options, "not-done");
    const char *reason = options_string(options, "reason");
    bool decides = step || done || not_done || reason, merges = options_given(options, "spool");
    if (options_flag(options, "vouch") && (decides || merges)) {
        error_set(err, ERROR_USAGE, "--vouch stands alone");
        return error_hint(err, "give it with --sign-with KEY alone, and look again then");
    }
    if (decides && merges) {
        error_set(err, ERROR_USAGE, "a spool must be merged before a step is decided");
        return error_hint(err, "use --spool alone, then run ecmig recover again");
    }
    if (!decides)
        return true;
    if (step && done != not_done && reason && *reason)
        return true;
    error_set(err, ERROR_USAGE, "a decision needs a step, --done or --not-done, and a reason");
    return error_hint(err, "--step KEY, one of --done and --not-done, and --reason TEXT");
}

static void show_text(const struct call *call, const struct open_run *run,
                      const struct recover_items *items) {
    AUTO(text_clear) struct text page = TEXT_PAGE;
    const char *file = run->session.words;
    text_addf(&page, "ecmig recover %s: run %s\n", run->session.config.migration,
              run->files.record.run);
    for (size_t i = 0; i < items->count; i++) {
        const struct recover_item *item = &items->items[i];
        char since[CLOCK_TEXT_BYTES];
        clock_format_seconds(item->started_at_ms, since);
        text_addf(&page, "\n  %s  %s, ", item->step->id, item->step->key);
        if (item->waits)
            text_add(&page, "waits for the source");
        else
            text_addf(&page, "started %s, no result recorded", since);
        text_addf(&page, "\n  step      %s\n", item->step->reason);
        if (item->intent) {
            AUTO(string_free) char *intent = json_write(item->intent, JSON_CANONICAL);
            bool whole = strlen(intent) <= INTENT_SHOWN_BYTES;
            text_addf(&page, "  intent    %.*s%s\n", INTENT_SHOWN_BYTES, intent,
                      whole ? "" : " … (whole with --format json)");
        }
        text_addf(&page, "  observed  %s%s\n", verdict_words[item->verdict],
                  item->why && item->verdict >= RECOVER_UNDER_WAY ? item->why : "");
        if (item->verdict == RECOVER_UNKNOWN)
            text_addf(&page,
                      "  next      apply again when it can be observed, or record what you know:\n "
                      "           ecmig recover --step %s --done|--not-done --reason TEXT %s\n",
                      item->step->key, file);
    }
    output_text(call->output, text_string(&page));
}

static void show_json(const struct call *call, const struct open_run *run,
                      const struct recover_items *items) {
    AUTO(json_free) struct json *document = json_new_object();
    struct json *list = json_new_array();
    json_put_string(document, "migration", run->session.config.migration);
    json_put_string(document, "run", run->files.record.run);
    for (size_t i = 0; i < items->count; i++) {
        const struct recover_item *item = &items->items[i];
        struct json *entry = json_new_object();
        json_put_string(entry, "step", item->step->key);
        json_put_string(entry, "id", item->step->id);
        json_put_string(entry, "observed", verdict_names[item->verdict]);
        json_put_string(entry, "why", item->why);
        if (item->intent)
            json_put(entry, "intent", json_share(item->intent));
        json_append(list, entry);
    }
    json_put(document, "open", list);
    output_json(call->output, document);
}

static void show(const struct call *call, const struct open_run *run,
                 const struct recover_items *items) {
    if (output_format(call->output) == FORMAT_JSON)
        show_json(call, run, items);
    else if (items->count)
        show_text(call, run, items);
    else
        output_textf(call->output, "ecmig recover %s: nothing to recover\n",
                     run->session.config.migration);
}

static bool decide(const struct call *call, struct open_run *run, struct recover_items *items,
                   struct error *err) {
    const char *wanted = options_string(call->options, "step");
    const char *reason = options_string(call->options, "reason");
    bool done = options_flag(call->options, "done");
    for (size_t i = 0; wanted && i < items->count; i++) {
        struct recover_item *item = &items->items[i];
        if (strcmp(item->step->key, wanted) != 0 && strcmp(item->step->id, wanted) != 0)
            continue;
        if (!recover_decide(&run->site, item, done, reason, err))
            return false;
        item->verdict = done ? RECOVER_DONE : RECOVER_NOT_DONE;
        output_say(call->output, "recorded: %s is %s", item->step->key, done ? "done" : "not done");
        return true;
    }
    if (!wanted)
        return true;
    error_set(err, ERROR_BLOCKED, "step '%s' has no open intent", wanted);
    return error_hint(err, "'ecmig recover %s' lists the steps that have one", run->session.words);
}

/* Looks under the migration's lock, because looking takes the source over from the previous
 * holder. */
static bool settle(const struct call *call, struct open_run *run, struct recover_items *items,
                   struct error *err) {
    AUTO(error_clear) struct error unrecorded = { 0 };
    if (!open_run_take(run, err))
        return false;
    recover_look(&run->site, items);
    bool fine = decide(call, run, items, err);
    if ((!fine && err->code == ERROR_LOCK_LOST) || open_run_leave(run, &unrecorded))
        return fine;
    if (fine)
        error_move(err, &unrecorded);
    return false;
}

/* The cutover is never decided by hand: apply settles it before anything else, and what it cannot
 * settle is left by abort. */
static bool is_in_cutover(const struct open_run *run, struct error *err) {
    const struct journal_state *state = &run->files.state;
    if (!run->files.record.run || state->cutover == JOURNAL_MARK_COUNT)
        return false;
    const char *class = state->class ? state->class : "";
    bool uncertain = strcmp(class, exit_class_name(EXIT_CLASS_UNCERTAIN)) == 0;
    error_set(err, uncertain ? ERROR_UNCERTAIN : ERROR_BLOCKED,
              "the cutover is open (%s): it cannot be decided by hand",
              journal_mark_name(state->cutover));
    if (uncertain)
        error_hint(err, "observe again with 'ecmig apply %s', or: ecmig abort %s",
                   run->session.words, run->session.words);
    else
        error_hint(err, "resolve it before anything else: ecmig apply %s", run->session.words);
    return true;
}

static enum exit_class run_recover(const struct call *call, struct error *err) {
    AUTO(open_run_close) struct open_run run = { 0 };
    AUTO(recover_items_clear) struct recover_items items = { 0 };
    bool decides = options_string(call->options, "step") != NULL;
    const char *spool = options_string(call->options, "spool");
    if (!check_usage(call->options, err))
        return error_exit_class(err->code);
    if (spool)
        return spools_merge(call, spool, err);
    if (options_flag(call->options, "vouch"))
        return vouch_for_run(call, err);
    if (!open_run_find(call, &run, err) || is_in_cutover(&run, err))
        return error_exit_class(err->code);
    if (run.files.record.run)
        recover_find(&run.plan, &run.files.state, &items);
    if ((items.count || decides) && run.files.record.run && !settle(call, &run, &items, err))
        return error_exit_class(err->code);
    if (decides && !run.files.record.run) {
        error_set(err, ERROR_BLOCKED, "no run is open: there is nothing to decide");
        error_hint(err, "ecmig status %s shows the state", run.session.words);
        return EXIT_CLASS_BLOCKED;
    }
    show(call, &run, &items);
    for (size_t i = 0; i < items.count; i++)
        if (items.items[i].verdict == RECOVER_UNKNOWN)
            return EXIT_CLASS_UNCERTAIN;
    return EXIT_CLASS_OK;
}

const struct command command_recover = {
    .name = "recover",
    .workflow = WORKFLOW_RECOVER,
    .examples = "ecmig recover orders.yaml\n"
                "ecmig recover orders.yaml --step replicate/start --done --reason 'the console "
                "shows the group migrating'\n"
                "ecmig recover orders.yaml --spool orders.20261122T101500Z-3f9c.spool",
    .arguments = "FILE",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "reads, state",
    .summary = "Resolve steps that have no recorded result; merge entries that could not be pushed",
    .description =
        "If a process dies, a step may have no recorded result; the next apply observes both "
        "sides and resumes. If observation cannot show what happened, apply stops with exit 10 "
        "and you decide: --done or --not-done, with a reason, which is recorded with your name. "
        "Only a step in doubt can be decided.\n\n"
        "If the record of a run cannot be pushed after a change, the run exits with 12, writes "
        "the missing entries to a file beside the migration file, and prints them on stderr "
        "between the lines BEGIN ECMIG SPOOL and END ECMIG SPOOL. --spool merges them on any "
        "machine, from the file or from the job's complete log, and releases the lock of the "
        "run; running it twice does no harm. A spool that is damaged, belongs to another run, is "
        "older than the record (4), or was written under a lock that was taken over since (6), "
        "is refused.\n\n"
        "If the entries of a run are signed, the key of its last entry must be valid now. If "
        "that key was revoked or has expired, read what it signed ('ecmig log NAME RUN') and "
        "vouch for it with another key of the policy: --vouch --sign-with KEY.\n\n"
        "Exits with 0 if nothing is in doubt, and with 10 while something is.",
    .formats = FORMAT_BIT(FORMAT_JSON),
    .options = recover_options,
    .option_count = COUNT(recover_options),
    .run = run_recover,
};
