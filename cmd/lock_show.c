/* ecmig lock show: who holds the lock of a migration, for what, and until when. */
#include "cmd/frame/command.h"
#include "cmd/migration/state.h"
#include "schemas/base/memory.h"

static enum exit_class run_lock_show(const struct call *call, struct error *err) {
    AUTO(state_close) struct state state = { 0 };
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    if (!state_open(call, call->arguments->items[0], &state, err) ||
        (!state.file && !state_knows(&state, err)))
        return error_exit_class(err->code);
    bool held = journal_read_lock(state.store, state.migration, &lock, err);
    if (!held && err->code != ERROR_NOT_FOUND)
        return error_exit_class(err->code);
    error_clear(err);
    if (output_format(call->output) == FORMAT_JSON) {
        AUTO(json_free)
        struct json *document = held ? shape_write(&lock_record_shape, &lock) : json_new_object();
        json_put_bool(document, "held", held);
        json_put_string(document, "migration", state.migration);
        output_json(call->output, document);
        return EXIT_CLASS_OK;
    }
    AUTO(text_clear) struct text words = TEXT_PAGE;
    if (held)
        state_lock_words(&lock, &words);
    output_textf(call->output, "%s: %s\n", state.migration, held ? text_string(&words) : "free");
    if (held)
        output_textf(call->output, "  since %s until %s, epoch %lld\n  nonce %s\n",
                     lock.acquired_at, lock.expires_at, (long long)lock.epoch, lock.nonce);
    return EXIT_CLASS_OK;
}

const struct command command_lock_show = {
    .name = "lock show",
    .workflow = WORKFLOW_RECOVER,
    .examples = "ecmig lock show orders.yaml\n"
                "ecmig lock show orders --state ./state --format json",
    .arguments = "NAME|FILE",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "state",
    .summary = "Show who holds the lock of a migration, and until when",
    .description = "A NAME needs --state. 'ecmig lock break' requires the nonce.",
    .formats = FORMAT_BIT(FORMAT_JSON),
    .run = run_lock_show,
};
