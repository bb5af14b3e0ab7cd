/* ecmig lock break: take a lock away from whoever holds it. */
#include "cmd/command.h"
#include "cmd/session.h"
#include "cmd/state.h"
#include "schemas/base/memory.h"

static const struct option_row break_options[] = {
    { "nonce", OPTION_STRING, .value = "N",
      .summary = "the nonce of the lock, as 'ecmig lock show' prints it" },
    { "reason", OPTION_STRING, .value = "TEXT", .summary = "why; it is journaled" },
};

static enum exit_class run_lock_break(const struct call *call, struct error *err) {
    AUTO(state_close) struct state state = { 0 };
    AUTO(string_free) char *who = session_actor();
    const char *nonce = options_string(call->options, "nonce");
    const char *reason = options_string(call->options, "reason");
    if (!nonce || !reason || !*reason) {
        (void)error_set(err, ERROR_USAGE, "%s is missing", nonce ? "--reason" : "--nonce");
        (void)error_hint(err, "'ecmig lock show' prints the nonce; the reason is journaled");
        return EXIT_CLASS_USAGE;
    }
    if (!state_open(call, call->arguments->items[0], &state, err) ||
        !journal_break_lock(state.store, state.migration, nonce, who, reason, err)) {
        if (err->code == ERROR_REFUSED && !err->hint)
            (void)error_hint(err, "look at it again: ecmig lock show %s", state.subject);
        return error_exit_class(err->code);
    }
    output_textf(call->output, "%s: the lock is broken\n", state.migration);
    output_say(call->output, "its holder stops before its next effect; go on with: ecmig apply %s",
               state.file ? state.words : "FILE");
    return EXIT_CLASS_OK;
}

const struct command command_lock_break = {
    .name = "lock break",
    .arguments = "NAME|FILE",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "state",
    .summary = "Take the lock away from whoever holds it",
    .description = "Only the lock that was looked at is broken: --nonce must be its nonce. The "
                   "break is written into the journal of the run, under a higher epoch, so that "
                   "the holder stops before its next effect even if it is alive.",
    .options = break_options,
    .option_count = COUNT(break_options),
    .run = run_lock_break,
};
