/* ecmig lock break: take a lock away from its holder. */
#include "cmd/frame/command.h"
#include "cmd/migration/session.h"
#include "cmd/migration/signing.h"
#include "cmd/migration/state.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

static const struct option_row break_options[] = {
    { "nonce", OPTION_STRING, .value = "N",
      .summary = "the nonce of the lock, as 'ecmig lock show' prints it" },
    { "reason", OPTION_STRING, .value = "TEXT", .summary = "the reason, recorded in the journal" },
    SIGNING_OPTIONS,
};

/* The entry is one of the run that holds the lock, and is signed where its plan wants that. */
static bool open_signing(const struct call *call, const struct state *state, struct signing *out,
                         struct error *err) {
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    AUTO(text_clear) struct text document = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(error_clear) struct error absent = { 0 };
    if (!journal_read_lock(state->store, state->migration, &lock, &absent) ||
        !journal_read_run(state->store, state->migration, lock.run, &files, &absent) ||
        !journal_read_plan(state->store, state->migration, files.record.plan, &document, &absent) ||
        !plan_parse(text_string(&document), document.length, &plan, &absent))
        return true; /* breaking it says why it cannot be broken */
    AUTO(string_free) char *folder = state->file ? path_folder(state->file) : NULL;
    return signing_open(call, state->store, &plan, folder, out, err);
}

static enum exit_class run_lock_break(const struct call *call, struct error *err) {
    AUTO(state_close) struct state state = { 0 };
    AUTO(string_free) char *who = session_actor();
    const char *nonce = options_string(call->options, "nonce");
    const char *reason = options_string(call->options, "reason");
    if (!nonce || !reason || !*reason) {
        error_set(err, ERROR_USAGE, "%s is missing", nonce ? "--reason" : "--nonce");
        error_hint(err,
                   "'ecmig lock show' prints the nonce; the reason is recorded in the journal");
        return EXIT_CLASS_USAGE;
    }
    AUTO(signing_close) struct signing signing = { 0 };
    const struct journal_breaking breaking = { nonce, who, reason, &signing.entries, &state.keys };
    if (!state_open(call, call->arguments->items[0], &state, err) ||
        !open_signing(call, &state, &signing, err) ||
        !journal_break_lock(state.store, state.migration, &breaking, err)) {
        if (err->code == ERROR_REFUSED && !err->hint)
            error_hint(err, "show the lock again: ecmig lock show %s", state.subject);
        return error_exit_class(err->code);
    }
    output_textf(call->output, "%s: the lock is broken\n", state.migration);
    output_say(call->output, "its holder stops before its next change; resume with: ecmig apply %s",
               state.file ? state.words : "FILE");
    return EXIT_CLASS_OK;
}

const struct command command_lock_break = {
    .name = "lock break",
    .workflow = WORKFLOW_RECOVER,
    .examples = "ecmig lock show orders.yaml\n"
                "ecmig lock break orders.yaml --nonce NONCE --reason 'build7 is gone'",
    .arguments = "NAME|FILE",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "state",
    .summary = "Break the lock of a migration",
    .description = "Only the lock that you looked at is broken: --nonce must be its nonce. The "
                   "break is recorded in the journal of the run under a higher epoch, so that the "
                   "holder stops before its next change even if it is still running.",
    .options = break_options,
    .option_count = COUNT(break_options),
    .run = run_lock_break,
};
