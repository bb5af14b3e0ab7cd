#include "cmd/migration/vouch.h"

#include <inttypes.h>

#include "cmd/migration/signing.h"
#include "cmd/migration/state.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

static bool find_run(const struct state *state, struct run_summaries *out, struct error *err) {
    if (!journal_history(state->store, state->migration, out, err))
        return false;
    if ((out->count && out->items[0].open))
        return true;
    error_set(err, ERROR_BLOCKED, "no run is open: there is nothing to vouch for");
    return error_hint(err, "ecmig status %s shows the state", state->words);
}

static bool open_key(const struct call *call, const struct state *state,
                     const struct run_summary *run, struct signing *out, struct error *err) {
    AUTO(text_clear) struct text document = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(string_free) char *folder = path_folder(state->file);
    if (!journal_read_plan(state->store, state->migration, run->plan, &document, err) ||
        !plan_parse(text_string(&document), document.length, &plan, err) ||
        !signing_open(call, state->store, &plan, folder, out, err))
        return false;
    if (out->policy.sign_entries)
        return true;
    error_set(err, ERROR_BLOCKED, "the entries of run %s are not signed", run->run);
    return error_hint(err, "only 'approvals.sign_entries' needs that");
}

static void show(const struct call *call, const struct state *state, const struct run_summary *run,
                 const struct signing *signing, int64_t seq) {
    if (output_format(call->output) == FORMAT_JSON) {
        AUTO(json_free) struct json *document = json_new_object();
        json_put_string(document, "migration", state->migration);
        json_put_string(document, "run", run->run);
        json_put_int(document, "seq", seq);
        json_put_string(document, "signer", signing->entries.name);
        json_put_string(document, "key", signing->entries.print);
        output_json(call->output, document);
        return;
    }
    output_textf(call->output,
                 "ecmig recover %s: entry %" PRId64 " of run %s is signed by %s (%s)\n  next      "
                 "ecmig %s %s\n",
                 state->migration, seq, run->run, signing->entries.name, signing->entries.print,
                 run->mode[0] == 'a' ? "abort" : "apply", state->words);
}

enum exit_class vouch_for_run(const struct call *call, struct error *err) {
    AUTO(state_close) struct state state = { 0 };
    AUTO(run_summaries_clear) struct run_summaries runs = { 0 };
    AUTO(signing_close) struct signing signing = { 0 };
    int64_t seq = 0;
    if (!state_open(call, call->arguments->items[0], &state, err) ||
        (!state.file && !error_set(err, ERROR_USAGE, "--vouch needs the migration file")))
        return error_exit_class(err->code);
    const struct journal_reading reading = state_reading(&state, state.migration);
    if (!find_run(&state, &runs, err) || !open_key(call, &state, &runs.items[0], &signing, err) ||
        !journal_vouch(&reading, runs.items[0].run, &signing.entries, &seq, err))
        return error_exit_class(err->code);
    show(call, &state, &runs.items[0], &signing, seq);
    return EXIT_CLASS_OK;
}
