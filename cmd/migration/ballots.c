#include "cmd/migration/ballots.h"

#include <string.h>

#include "cmd/migration/signing.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

void ballots_clear(struct ballots *ballots) {
    approval_policy_clear(&ballots->policy);
    judged_approvals_clear(&ballots->judged);
    tally_clear(&ballots->gate);
    string_free(ballots->problem);
}

/* A plan that cannot be read has no policy that could be kept: nothing counts. */
bool ballots_look(const struct state *state, const struct plan *plan, const struct run_summary *run,
                  struct ballots *out, struct error *err) {
    AUTO(string_free) char *folder = state->file ? path_folder(state->file) : NULL;
    AUTO(error_clear) struct error unverified = { 0 };
    const struct approval_place place = { state->store, state->migration, run->plan };
    out->gate.wanted = 1;
    if (!plan->core.config)
        return true;
    if (!signing_policy(plan, folder, &out->policy, &unverified) ||
        !approvals_judge(&place, &out->policy, approval_policy_now, &out->judged, &unverified)) {
        if (unverified.code == ERROR_IO) {
            error_move(err, &unverified);
            return false;
        }
        out->problem = xstrdup(unverified.message);
        return true;
    }
    approvals_tally(&out->judged, run->gate, &out->policy, NULL, &out->gate);
    return true;
}

bool ballots_of_run(const struct state *state, const struct journal_run_files *files,
                    struct ballots *out, struct error *err) {
    AUTO(run_summaries_clear) struct run_summaries runs = { 0 };
    AUTO(error_clear) struct error unverified = { 0 };
    const struct journal_reading reading = state_reading(state, state->migration);
    if (!journal_history(state->store, state->migration, &runs, &unverified))
        error_clear(&unverified); /* then it is unknown whether it continues */
    bool newest = runs.count && strcmp(runs.items[0].run, files->record.run) == 0;
    if (approvals_of_run(&reading, newest, files, &out->judged, &unverified))
        return true;
    if (unverified.code == ERROR_IO) {
        error_move(err, &unverified);
        return false;
    }
    out->problem = xstrdup(unverified.message);
    return true;
}

struct json *ballots_json(const struct ballots *ballots) {
    struct json *list = json_new_array();
    for (size_t i = 0; i < ballots->judged.count; i++) {
        const struct judged *judged = &ballots->judged.items[i];
        struct json *item = shape_write(&approval_shape, &judged->approval);
        json_put_bool(item, "counts", !judged->why);
        if (judged->key)
            json_put_string(item, "key", judged->key);
        if (judged->why)
            json_put_string(item, "why_not", judged->why);
        if (judged->later)
            json_put_string(item, "counts_no_more", judged->later);
        json_append(list, item);
    }
    return list;
}
