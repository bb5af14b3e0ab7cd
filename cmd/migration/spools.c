#include "cmd/migration/spools.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/migration/state.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define SUFFIX ".spool"

/* ---- writing ---- */

static char *save_in(const char *folder, const struct spool *spool, const char *block) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(string_free)
    char *name = xasprintf("%s.%s" SUFFIX, spool->migration, spool->run);
    AUTO(string_free) char *path = path_join(folder, name);
    return file_write(path, block, strlen(block), 0600, &err) ? TAKE(path) : NULL;
}

static bool save(const struct call *call, const struct session *session,
                 const struct journal *journal, char **path) {
    AUTO(spool_clear) struct spool spool = { 0 };
    AUTO(string_free) char *private = NULL;
    AUTO(error_clear) struct error err = { 0 };
    if (!journal_spool(journal, &spool))
        return false;
    AUTO(string_free) char *block = spool_write(&spool);
    *path = save_in(session->folder, &spool, block);
    if (!*path && gitstore_private_folder(session->store, &private, &err))
        *path = save_in(private, &spool, block);
    output_warn(call->output,
                "The entries that could not be pushed follow. Keep them: if this machine is lost, "
                "merge them from this output with\n  ecmig recover %s --spool %s",
                session->config_words, *path ? *path : "FILE");
    output_block(call->output, block);
    return true;
}

void spools_late(struct journal *journal, struct executor_outcome *outcome) {
    AUTO(error_clear) struct error away = { 0 };
    if (outcome->class != EXIT_CLASS_NOT_RECORDED ||
        !journal_commit(journal, "recorded late", &away))
        return;
    outcome->class = EXIT_CLASS_INTERRUPTED;
    error_set(&outcome->error, ERROR_INTERRUPTED,
              "the state repository was unreachable for a long time; everything is recorded now");
    error_hint(&outcome->error, "apply again to resume");
}

static bool happened_nothing(const struct executor_outcome *outcome) {
    return outcome->class != EXIT_CLASS_OK && outcome->class != EXIT_CLASS_NOT_RECORDED &&
           outcome->class != EXIT_CLASS_ABORTED && !outcome->changed;
}

void spools_end(const struct call *call, const struct session *session,
                const struct journal *journal, struct events *events,
                struct executor_outcome *outcome, const struct error *why) {
    struct error *err = &outcome->error;
    AUTO(string_free) char *path = NULL;
    bool insisted = outcome->class == EXIT_CLASS_ABORTED, lost = why->code == ERROR_LOCK_LOST;
    if (!lost && happened_nothing(outcome)) {
        output_warn(call->output, "the stop is not recorded: %s", why->message);
        return;
    }
    if (lost || (outcome->class != EXIT_CLASS_NOT_RECORDED && !insisted))
        error_set(err, lost ? ERROR_LOCK_LOST : ERROR_NOT_RECORDED,
                  "the end of the run could not be recorded: %s", why->message);
    outcome->class = lost       ? EXIT_CLASS_LOCK_LOST
                     : insisted ? EXIT_CLASS_ABORTED
                                : EXIT_CLASS_NOT_RECORDED;
    if (lost || !save(call, session, journal, &path))
        return;
    struct json *data = json_new_object();
    json_put_string(data, "file", path);
    events_emit(
        events,
        &(struct event_fact){
            .kind = EVENT_DIAGNOSTIC, .level = SEVERITY_WARNING, .state = "spooled", .data = data },
        "the spool is %s%s", path ? "kept in " : "on stderr only", path ? path : "");
    error_hint(err,
               "fix the state repository, then apply again on this machine; from any other "
               "machine: ecmig recover %s --spool %s",
               session->config_words, path ? path : "SPOOL");
}

/* ---- looking ---- */

static bool refuse(const struct session *session, const char *path, struct error *err) {
    error_set(err, ERROR_BLOCKED,
              "'%s' holds entries of an earlier run that the state repository lacks", path);
    return error_hint(err, "merge it first: ecmig recover %s --spool %s", session->config_words,
                      path);
}

static bool refuse_unreadable(const char *path, struct error *err) {
    err->code = ERROR_BLOCKED;
    return error_hint(err,
                      "replace it with a complete one and merge that, or remove '%s': what it held "
                      "is then resolved by observation",
                      path);
}

static bool is_verdict(const struct error *err) {
    return err->code == ERROR_BLOCKED || err->code == ERROR_STALE || err->code == ERROR_LOCK_LOST;
}

static bool check_one(const struct call *call, const struct session *session, const char *path,
                      struct error *err) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(spool_clear) struct spool spool = { 0 };
    AUTO(error_clear) struct error verdict = { 0 };
    size_t lacking = 0;
    bool kept = false;
    if (!file_read(path, SPOOL_LOG_CEILING_BYTES, &bytes, err))
        return false;
    if (!spool_parse(text_string(&bytes), bytes.length, path, &spool, err))
        return refuse_unreadable(path, err);
    const struct journal_reading reading = session_reading(session);
    if (!spool_lacking(&reading, &spool, &lacking, &verdict)) {
        if (is_verdict(&verdict))
            output_warn(call->output, "'%s' is ignored: %s", path, verdict.message);
        else
            error_move(err, &verdict);
        return err->code == ERROR_NONE;
    }
    if (lacking == 0) {
        output_detail(call->output, "'%s' is merged: removed", path);
        (void)unlink(path);
        return true;
    }
    return spool_is_kept(session->store, &spool, &kept, err) &&
           (kept || refuse(session, path, err));
}

static bool is_spool_of(const char *name, const char *migration) {
    size_t length = strlen(name), prefix = strlen(migration), suffix = strlen(SUFFIX);
    return length > prefix + 1 + suffix && strncmp(name, migration, prefix) == 0 &&
           name[prefix] == '.' && strcmp(name + length - suffix, SUFFIX) == 0;
}

/* A folder that may not be listed may hold one. */
static bool list_spools(const char *folder, const char *migration, struct strings *out,
                        struct error *err) {
    AUTO(strings_clear) struct strings names = { 0 };
    DIR *open = opendir(folder);
    if (!open && errno != ENOENT) {
        error_set_errno(err, "cannot look for spools in '%s'", folder);
        return error_hint(err, "allow the user that runs ecmig (id %ld) to list the folder",
                          (long)geteuid());
    }
    for (const struct dirent *entry = open ? readdir(open) : NULL; entry; entry = readdir(open))
        if (is_spool_of(entry->d_name, migration))
            strings_add(&names, entry->d_name);
    if (open)
        (void)closedir(open);
    strings_sort(&names);
    for (size_t i = 0; i < names.count; i++) {
        AUTO(string_free) char *path = path_join(folder, names.items[i]);
        strings_add(out, path);
    }
    return true;
}

bool spools_check(const struct call *call, const struct session *session, struct error *err) {
    AUTO(string_free) char *private = NULL;
    AUTO(strings_clear) struct strings paths = { 0 };
    if (!gitstore_private_folder(session->store, &private, err))
        return false;
    if (!list_spools(session->folder, session->config.migration, &paths, err) ||
        !list_spools(private, session->config.migration, &paths, err))
        return false;
    for (size_t i = 0; i < paths.count; i++)
        if (!check_one(call, session, paths.items[i], err))
            return false;
    return true;
}

/* What cannot be read may be one: it is named. */
static bool is_waiting(const struct state *state, const char *path, bool *kept) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(spool_clear) struct spool spool = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    size_t lacking = 0;
    *kept = false;
    if (!file_read(path, SPOOL_LOG_CEILING_BYTES, &bytes, &err) ||
        !spool_parse(text_string(&bytes), bytes.length, path, &spool, &err))
        return true;
    const struct journal_reading reading = state_reading(state, state->migration);
    if (!spool_lacking(&reading, &spool, &lacking, &err))
        return !is_verdict(&err);
    if (lacking > 0 && !spool_is_kept(state->store, &spool, kept, &err))
        *kept = false;
    return lacking > 0;
}

void spools_waiting(const struct state *state, struct strings *out, bool *kept) {
    AUTO(string_free) char *private = NULL;
    AUTO(strings_clear) struct strings paths = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(string_free) char *folder = state->file ? path_folder(state->file) : NULL;
    if (folder && !list_spools(folder, state->migration, &paths, &err))
        error_clear(&err); /* apply, which must know, says it */
    /* Asking for it makes it; an empty store has none. */
    if (*gitstore_tip(state->store) && gitstore_private_folder(state->store, &private, &err) &&
        !list_spools(private, state->migration, &paths, &err))
        error_clear(&err);
    *kept = true;
    for (size_t i = 0; i < paths.count; i++) {
        bool own = false;
        if (!is_waiting(state, paths.items[i], &own))
            continue;
        strings_add(out, paths.items[i]);
        *kept = *kept && own;
    }
}

/* ---- merging ---- */

static void show(const struct call *call, const struct state *state, const struct spool *spool,
                 size_t count) {
    const struct journal_entry *last = &spool->entries.items[spool->entries.count - 1];
    if (output_format(call->output) == FORMAT_JSON) {
        AUTO(json_free) struct json *document = json_new_object();
        json_put_string(document, "migration", spool->migration);
        json_put_string(document, "run", spool->run);
        json_put_int(document, "merged", (int64_t)count);
        json_put_int(document, "seq", last->seq);
        json_put_string(document, "head", last->hash);
        output_json(call->output, document);
        return;
    }
    if (count == 0)
        output_textf(call->output,
                     "ecmig recover %s: run %s already has every entry of the spool\n",
                     spool->migration, spool->run);
    else
        output_textf(call->output,
                     "ecmig recover %s: merged %zu %s into run %s, head %s\n"
                     "  lock      free\n  next      ecmig apply %s\n",
                     spool->migration, count, count == 1 ? "entry" : "entries", spool->run,
                     last->hash, state->file ? state->words : "FILE");
}

enum exit_class spools_merge(const struct call *call, const char *path, struct error *err) {
    AUTO(state_close) struct state state = { 0 };
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(spool_clear) struct spool spool = { 0 };
    AUTO(string_free) char *who = session_actor();
    size_t count = 0;
    bool merged = file_read(path, SPOOL_LOG_CEILING_BYTES, &bytes, err) &&
                  spool_parse(text_string(&bytes), bytes.length, path, &spool, err) &&
                  state_open(call, call->arguments->items[0], &state, err);
    const struct journal_reading reading = state_reading(&state, state.migration);
    merged = merged &&
             (spool_merge(&reading, &spool, who, &count, err) || error_wrap(err, "'%s'", path));
    if (!merged)
        return error_exit_class(err->code);
    show(call, &state, &spool, count);
    return EXIT_CLASS_OK;
}
