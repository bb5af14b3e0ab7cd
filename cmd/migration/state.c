#include "cmd/migration/state.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/migration/policy.h"
#include "planner/planner.h"
#include "providers/process/process.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

/* With {migration} filled in; the caller frees. */
static char *state_branch(const char *branch, const char *migration) {
    static const char stands[] = "{migration}";
    AUTO(text_clear) struct text name = { 0 };
    const char *at = branch;
    for (const char *found = strstr(at, stands); found; found = strstr(at, stands)) {
        text_add_bytes(&name, at, (size_t)(found - at));
        text_add(&name, migration);
        at = found + strlen(stands);
    }
    text_add(&name, at);
    return text_take(&name);
}

char *state_words(const struct call *call, const char *file) {
    const char *given = options_string(call->options, "state");
    AUTO(string_free) char *subject = file ? render_quoted(file) : xstrdup("FILE");
    if (!file || !given)
        return TAKE(subject);
    AUTO(string_free) char *repository = render_quoted(given);
    return xasprintf("%s --state %s", subject, repository);
}

/* A migration's name holds neither dots nor slashes; without --state it can only be a file. */
static bool is_file(const char *subject, const char *state) {
    return strpbrk(subject, "./") || (!state && path_exists(subject));
}

struct token_origin {
    struct config_secret reference;
    char *folder;
};

static bool ask_token(void *context, struct secret **out, struct error *err) {
    const struct token_origin *origin = context;
    return process_secret(&origin->reference, origin->folder, "state.token", out, err);
}

static void release_token(void *context) {
    struct token_origin *origin = context;
    free(origin->reference.env);
    free(origin->reference.file);
    strings_clear(&origin->reference.exec);
    free(origin->folder);
    free(origin);
}

/* The store outlives the configuration. */
static struct gitstore_token token_of(const struct config_secret *reference, const char *folder) {
    if (!reference->env && !reference->file && !reference->exec.count)
        return (struct gitstore_token){ 0 };
    struct token_origin *origin = xcalloc(1, sizeof *origin);
    origin->reference.env = xstrdup(reference->env);
    origin->reference.file = xstrdup(reference->file);
    strings_copy(&origin->reference.exec, &reference->exec);
    origin->folder = xstrdup(folder);
    return (struct gitstore_token){ ask_token, release_token, origin };
}

bool state_open_config(const struct call *call, const struct config *config, const char *folder,
                       struct state *out, struct error *err) {
    const char *given = options_string(call->options, "state");
    AUTO(string_free)
    char *repository = given ? xstrdup(given)
                       : gitstore_is_url(config->state.repository)
                           ? xstrdup(config->state.repository)
                           : config_path(folder, config->state.repository);
    AUTO(string_free) char *branch = state_branch(config->state.branch, config->migration);
    /* The file's token is for the file's repository alone. */
    struct gitstore_token token = { 0 };
    if (!given)
        token = token_of(&config->state.token, folder);
    if (!gitstore_open_with(repository, branch, &token, &out->store, err))
        return error_wrap(err, "state repository");
    out->migration = xstrdup(config->migration);
    approval_policy_of_file(&config->approvals, folder, &out->keys);
    return true;
}

struct journal_reading state_reading(const struct state *state, const char *migration) {
    return (struct journal_reading){ state->store, migration, &state->keys };
}

static bool open_by_file(const struct call *call, const char *file, struct state *out,
                         struct error *err) {
    AUTO(config_clear) struct config config = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    if (!config_load(file, &config, &faults, err)) {
        if (!err->hint)
            error_hint(err, "'ecmig validate %s' shows what is wrong", file);
        return false;
    }
    AUTO(string_free) char *folder = path_folder(file);
    if (!file_policy_holds(call, &config, folder, err) ||
        !state_open_config(call, &config, folder, out, err))
        return false;
    out->file = xstrdup(file);
    string_replace(&out->words, NULL);
    out->words = state_words(call, file);
    out->subject = xstrdup(out->words);
    return true;
}

bool state_open(const struct call *call, const char *subject, struct state *out,
                struct error *err) {
    const char *given = options_string(call->options, "state");
    if (subject && is_file(subject, given))
        return open_by_file(call, subject, out, err);
    if (!given) {
        error_set(err, ERROR_USAGE, "no state repository is given");
        return error_hint(err, "add --state DIR, or name the migration file");
    }
    if (!gitstore_is_url(given) && !path_exists(given)) {
        error_set(err, ERROR_NOT_FOUND, "there is no state '%s'", given);
        return error_hint(err, "the first 'ecmig apply' of a migration creates it; check the path");
    }
    if (!file_policy_holds(call, NULL, ".", err) || !gitstore_open(given, "main", &out->store, err))
        return false;
    AUTO(string_free) char *repository = render_quoted(given);
    out->migration = xstrdup(subject);
    out->subject =
        xasprintf("%s%s--state %s", subject ? subject : "", subject ? " " : "", repository);
    return true;
}

void state_close(struct state *state) {
    approval_policy_clear(&state->keys);
    gitstore_close(state->store);
    free(state->migration);
    free(state->file);
    free(state->words);
    free(state->subject);
    *state = (struct state){ 0 };
}

bool state_knows(const struct state *state, struct error *err) {
    AUTO(strings_clear) struct strings names = { 0 };
    if (!journal_migrations(state->store, &names, err))
        return false;
    if (strings_has(&names, state->migration))
        return true;
    AUTO(string_free) char *known = strings_join(&names, ", ");
    error_set(err, ERROR_NOT_FOUND, "the state knows no migration '%s'", state->migration);
    return names.count ? error_hint(err, "it knows: %s", known)
                       : error_hint(err, "it is empty: the first 'ecmig apply' writes into it");
}

static bool is_abort(const struct run_summary *run) {
    return strcmp(run->mode, plan_mode_names[PLAN_ABORT]) == 0;
}

void state_run_words(const struct run_summary *run, bool locked, struct text *out) {
    if (run->given_up_by)
        text_addf(out, "aborted by run %s", run->given_up_by);
    else if (!run->open && is_abort(run))
        text_addf(out,
                  run->class && strcmp(run->class, exit_class_name(EXIT_CLASS_OK)) == 0
                      ? "aborted: the source is authoritative"
                      : "abort ended: %s",
                  run->class ? run->class : "unknown");
    else if (!run->open)
        text_addf(out, "finished: %s", run->class ? run->class : "unknown");
    else if (run->gate)
        text_addf(out, "%s gate %s", locked ? "waits at" : "stopped at", run->gate);
    else if (run->class && strcmp(run->class, exit_class_name(EXIT_CLASS_GATE)) == 0)
        text_add(out, "stopped as requested by 'apply --until'");
    else if (run->class)
        text_addf(out, "stopped: %s", run->class);
    else
        text_add(out, locked ? "in progress" : "ended without a record");
    if (run->open && run->cutover)
        text_addf(out, ", cutover: %s", run->cutover);
}

void state_lock_words(const struct lock_record *lock, struct text *out) {
    int64_t now_ms = clock_wall_ms(), since_ms = now_ms, until_ms = now_ms;
    if (!clock_parse(lock->acquired_at, &since_ms) || !clock_parse(lock->expires_at, &until_ms))
        since_ms = until_ms = now_ms;
    text_addf(out, "held by %s for run %s, since ", lock->holder, lock->run);
    units_add_duration(out, now_ms > since_ms ? now_ms - since_ms : 0);
    text_add(out, until_ms > now_ms ? ", expires in " : ", expired for ");
    units_add_duration(out, until_ms > now_ms ? until_ms - now_ms : now_ms - until_ms);
}

struct json *state_lock_json(const struct lock_record *lock) {
    struct json *document = shape_write(&lock_record_shape, lock);
    json_remove(document, "nonce");
    return document;
}

bool state_lock(const struct state *state, const char *migration, struct lock_record *lock,
                char **broken) {
    AUTO(error_clear) struct error failure = { 0 };
    *broken = NULL;
    if (journal_read_lock(state->store, migration, lock, &failure))
        return true;
    if (failure.code != ERROR_NOT_FOUND)
        *broken = xstrdup(failure.message);
    return false;
}

bool state_works(const struct state *state, const char *migration, const struct lock_record *lock) {
    int64_t until_ms = 0;
    bool known = clock_parse(lock->expires_at, &until_ms);
    return !(known && until_ms <= clock_wall_ms()) &&
           !journal_holder_died(state->store, migration, lock);
}
