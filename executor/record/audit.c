#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "executor/record/succession.h"
#include "schemas/base/memory.h"

struct audited_run {
    char *run;
    struct journal_run_files files;
    int64_t recorded_seq; /* the highest a commit message names */
};

struct audit {
    struct gitstore *store;
    const char *migration;
    const struct approval_policy *keys; /* of the migration file; may be NULL */
    struct findings *findings;
    struct strings *proven;
    bool all;             /* of signatures: every one */
    struct strings names; /* of the runs */
    struct run_summaries history;
    struct {
        struct audited_run *items;
        size_t count;
    } runs;
};

static void audited_run_clear(struct audited_run *run) {
    free(run->run);
    journal_run_files_clear(&run->files);
}

static void audit_clear(struct audit *audit) {
    LIST_CLEAR(&audit->runs, audited_run_clear);
    strings_clear(&audit->names);
    run_summaries_clear(&audit->history);
}
AUTO_VALUE(struct audit, audit_clear)

static void found(struct audit *audit, const char *id, const char *subject, const char *words) {
    finding_add(audit->findings, SEVERITY_ERROR, id, subject, "%s", words);
}

/* The value of a trailer, up to the end of its line; the caller frees. */
static char *trailer(const char *message, const char *name) {
    AUTO(string_free) char *start = xasprintf("\n%s: ", name);
    const char *at = strstr(message, start);
    if (!at)
        return NULL;
    at += strlen(start);
    return xstrndup(at, strcspn(at, "\n"));
}

static void check_commit(struct audit *audit, const char *id, const char *message,
                         struct audited_run *run) {
    AUTO(string_free) char *seq = trailer(message, "Ecmig-Seq");
    AUTO(string_free) char *hash = trailer(message, "Ecmig-Entry");
    char *end = NULL;
    int64_t number = seq ? strtoll(seq, &end, 10) : 0;
    const struct journal_entries *entries = &run->files.entries;
    if (!hash || !end || *end || number < 1)
        found(audit, "record-trailer", id, "the commit message lacks Ecmig-Seq or Ecmig-Entry");
    else if (number > (int64_t)entries->count)
        found(audit, "record-entry-missing", id, "the commit names an entry that does not exist");
    else if (strcmp(entries->items[number - 1].hash, hash) != 0)
        found(audit, "record-entry-changed", id,
              "the entry that the commit names is not the one that was committed");
    if (number > run->recorded_seq)
        run->recorded_seq = number;
}

/* What was committed of a run does not go away by itself; said once of each. */
static void check_is_there(struct audit *audit, const char *id, const char *run) {
    if (!run || strings_has(&audit->names, run))
        return;
    AUTO(string_free) char *words = xasprintf("the commit is of run %s, which is not there", run);
    found(audit, "record-run-missing", id, words);
    strings_add(&audit->names, run);
}

static bool visit_commit(void *context, const struct gitstore_log_entry *entry) {
    struct audit *audit = context;
    AUTO(string_free) char *name = trailer(entry->message, "Ecmig-Run");
    AUTO(string_free) char *prefix = xasprintf("ecmig(%s): ", audit->migration);
    if (strncmp(entry->message, prefix, strlen(prefix)) != 0) {
        found(audit, "record-foreign-commit", entry->id,
              "a commit that ecmig did not make changes the record");
        return true;
    }
    check_is_there(audit, entry->id, name);
    for (size_t i = 0; name && i < audit->runs.count; i++) {
        if (strcmp(audit->runs.items[i].run, name) == 0)
            check_commit(audit, entry->id, entry->message, &audit->runs.items[i]);
    }
    return true;
}

static bool read_run(struct audit *audit, const char *name, struct error *err) {
    AUTO(error_clear) struct error broken = { 0 };
    struct journal_run_files files = { 0 };
    if (!journal_read_run(audit->store, audit->migration, name, &files, &broken)) {
        if (broken.code == ERROR_IO) {
            error_move(err, &broken);
            return false;
        }
        found(audit, "record-chain", name, broken.message);
        return true;
    }
    struct audited_run *run = LIST_ADD(&audit->runs);
    run->run = xstrdup(name);
    run->files = files;
    return true;
}

static bool read_runs(struct audit *audit, struct error *err) {
    if (!journal_runs(audit->store, audit->migration, &audit->names, err))
        return false;
    for (size_t i = 0; i < audit->names.count; i++)
        if (!read_run(audit, audit->names.items[i], err))
            return false;
    return true;
}

/* fnmatch patterns of all that ecmig writes below the migration's folder. */
static const char *const layout[] = {
    "lock.json",
    "plans/*.json",
    "approvals/*/????.json",
    "runs/*/run.json",
    "runs/*/config.yaml",
    "runs/*/verify.json",
    "runs/*/result.json",
    "runs/*/journal/*.json",
    "runs/*/evidence/*",
    "runs/*/signatures/*.json",
};

static void check_file(void *context, const char *path, bool regular) {
    struct audit *audit = context;
    const char *inside = path + strlen("migrations//") + strlen(audit->migration);
    bool known = false;
    for (size_t i = 0; i < COUNT(layout) && !known; i++)
        known = fnmatch(layout[i], inside, FNM_PATHNAME) == 0;
    if (!regular)
        found(audit, "record-mode", inside, "it is a link or an executable, not a plain file");
    else if (!known)
        finding_add(audit->findings, SEVERITY_WARNING, "record-stray", inside,
                    "ecmig did not write this file");
}

/* result.json says for people what the last entry says. */
static bool result_agrees(const struct run_result *result, const struct journal_state *state) {
    return result->head && strcmp(result->head, state->head) == 0 && state->class &&
           strcmp(result->class, state->class) == 0 && result->exit_code == state->exit_code;
}

static void check_accounted(struct audit *audit, const struct audited_run *run) {
    if (run->recorded_seq < (int64_t)run->files.entries.count)
        found(audit, "record-entry-unaccounted", run->run,
              "the last entries are not named by any commit message");
}

static bool is_newest(const struct audit *audit, const char *run) {
    return audit->history.count && strcmp(audit->history.items[0].run, run) == 0;
}

static bool check_signed(const struct audit *audit, const struct audited_run *run,
                         struct error *err) {
    const struct signed_check signatures = { .store = audit->store,
                                             .migration = audit->migration,
                                             .run = run->run,
                                             .keys = audit->keys,
                                             .newest = is_newest(audit, run->run),
                                             .all = audit->all,
                                             .findings = audit->findings,
                                             .proven = audit->proven };
    return journal_check_signed(&signatures, &run->files, err);
}

static bool check_run(struct audit *audit, const struct audited_run *run, struct error *err) {
    const struct run_record *record = &run->files.record;
    const struct json *first =
        run->files.entries.count > 0 ? run->files.entries.items[0].data : NULL;
    const char *mode = json_find_string(first, "mode"), *plan = json_find_string(first, "plan");
    if (!first)
        found(audit, "record-chain", run->run, "the run has no entries");
    else if (!mode || strcmp(mode, record->mode) != 0 || !plan ||
             strcmp(plan, digest_digits(record->plan)) != 0)
        found(audit, "record-run", run->run, "run.json and the first entry do not agree");
    if (strcmp(record->run, run->run) != 0 || strcmp(record->migration, audit->migration) != 0)
        found(audit, "record-run", run->run, "run.json belongs to another run");
    check_accounted(audit, run);
    const struct run_result *result = &run->files.result;
    if (result->class && run->files.state.class && !result_agrees(result, &run->files.state))
        found(audit, "record-result", run->run, "result.json and the last entry do not agree");
    return journal_check_files(audit->store, audit->migration, &run->files.entries, audit->findings,
                               err) &&
           check_signed(audit, run, err);
}

static bool check_plans(struct audit *audit, struct error *err) {
    AUTO(string_free) char *folder = migration_path(audit->migration, "plans");
    AUTO(strings_clear) struct strings names = { 0 };
    if (!gitstore_list(audit->store, folder, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        AUTO(string_free) char *path = xasprintf("%s/%s", folder, names.items[i]);
        AUTO(text_clear) struct text bytes = { 0 };
        AUTO(json_free) struct json *document = NULL;
        AUTO(error_clear) struct error broken = { 0 };
        char digest[DIGEST_HEX_BYTES];
        if (!gitstore_read(audit->store, path, &bytes, err))
            return false;
        if (!json_parse(text_string(&bytes), bytes.length, path, &document, &broken)) {
            found(audit, "record-plan", names.items[i], "the stored plan is not a JSON document");
            continue;
        }
        const struct json *core = json_find(document, "core");
        json_digest(core ? core : document, digest);
        AUTO(string_free) char *wanted = xasprintf("%s.json", digest);
        if (!core || strcmp(names.items[i], wanted) != 0)
            found(audit, "record-plan", names.items[i], "the stored plan has another digest");
    }
    return true;
}

static bool check_approvals(struct audit *audit, struct error *err) {
    AUTO(string_free) char *folder = migration_path(audit->migration, "approvals");
    AUTO(strings_clear) struct strings digests = { 0 };
    if (!gitstore_list(audit->store, folder, &digests, err))
        return false;
    for (size_t i = 0; i < digests.count; i++) {
        AUTO(error_clear) struct error broken = { 0 };
        if (approval_check(audit->store, audit->migration, digests.items[i], &broken))
            continue;
        if (broken.code == ERROR_IO) {
            error_move(err, &broken);
            return false;
        }
        found(audit, "record-approval", digests.items[i], broken.message);
    }
    return true;
}

/* Runs that cannot be read have findings of their own. */
static bool read_history(struct audit *audit, struct error *err) {
    AUTO(error_clear) struct error broken = { 0 };
    if (journal_history(audit->store, audit->migration, &audit->history, &broken))
        return true;
    if (broken.code != ERROR_IO)
        return true;
    error_move(err, &broken);
    return false;
}

/* Of a run that may not stand for the migration, *remedy says what to do; the caller frees. */
static bool check_succession(struct audit *audit, size_t index, char **remedy, struct error *err) {
    AUTO(succession_verdict_clear) struct succession_verdict verdict = { 0 };
    const struct succession succession = { audit->store, audit->migration, audit->keys,
                                           &audit->history };
    const char *run = audit->history.items[index].run;
    if (!succession_judge(&succession, index, &verdict, err))
        return false;
    if (verdict.why)
        found(audit, "record-succession", run, verdict.why);
    if (verdict.why && remedy && !*remedy)
        *remedy = succession_remedy(&succession, index);
    if (verdict.note)
        finding_add(audit->findings, SEVERITY_NOTE, "record-succession", run, "%s", verdict.note);
    return true;
}

bool journal_audit(const struct journal_reading *reading, struct findings *findings,
                   struct strings *proven, struct error *err) {
    struct gitstore *store = reading->store;
    const char *migration = reading->migration;
    AUTO(audit_clear)
    struct audit audit = { .store = store, .migration = migration, .keys = reading->keys };
    AUTO(string_free) char *folder = xasprintf("migrations/%s", migration);
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(error_clear) struct error absent = { 0 };
    audit.findings = findings;
    audit.proven = proven;
    audit.all = true;
    if (!read_runs(&audit, err) || !read_history(&audit, err) ||
        !gitstore_walk(store, folder, check_file, &audit, err) ||
        !gitstore_log(store, folder, visit_commit, &audit, err) || !check_plans(&audit, err) ||
        !check_approvals(&audit, err))
        return false;
    for (size_t i = 0; i < audit.runs.count; i++)
        if (!check_run(&audit, &audit.runs.items[i], err))
            return false;
    for (size_t i = 0; i < audit.history.count; i++)
        if (!check_succession(&audit, i, NULL, err))
            return false;
    if (!journal_read_lock(store, migration, &lock, &absent) && absent.code != ERROR_NOT_FOUND)
        found(&audit, "record-lock", "lock.json", absent.message);
    return true;
}

static bool refuse(const struct findings *findings, const char *run, const char *remedy,
                   struct error *err) {
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        if (finding->severity != SEVERITY_ERROR)
            continue;
        error_set(err, ERROR_BLOCKED, "the record%s%s cannot be trusted: %s: %s",
                  run ? " of run " : "", run ? run : "", finding->subject, finding->summary);
        if (run && strcmp(finding->id, "record-signature") == 0)
            return error_hint(err,
                              "read its last entries (ecmig log NAME %s); if they are as they "
                              "should be, vouch for them with a key that counts: ecmig recover "
                              "--vouch --sign-with KEY FILE",
                              run);
        return remedy ? error_hint(err, "%s", remedy) : false;
    }
    return true;
}

/* A run stands among others: they are read for what the commits say of them, and those before it
 * for whose policy it has to meet. */
static bool check_older(struct audit *audit, const char *run, char **remedy, struct error *err) {
    bool older = false;
    for (size_t i = 0; i < audit->history.count; i++) {
        const char *name = audit->history.items[i].run;
        bool own = strcmp(name, run) == 0;
        if (own && !check_succession(audit, i, remedy, err))
            return false;
        for (size_t r = 0; older && r < audit->runs.count; r++) {
            if (strcmp(audit->runs.items[r].run, name) != 0)
                continue;
            check_accounted(audit, &audit->runs.items[r]);
            if (!check_signed(audit, &audit->runs.items[r], err))
                return false;
        }
        older |= own;
    }
    return true;
}

bool journal_trust(const struct journal_reading *reading, const char *run, struct error *err) {
    AUTO(findings_clear) struct findings findings = { 0 };
    AUTO(audit_clear)
    struct audit audit = { .store = reading->store,
                           .migration = reading->migration,
                           .keys = reading->keys };
    AUTO(string_free) char *all = xasprintf("migrations/%s", reading->migration);
    AUTO(string_free) char *folder = migration_path(reading->migration, "runs/%s", run);
    AUTO(string_free) char *remedy = NULL;
    audit.findings = &findings;
    if (!read_runs(&audit, err) || !read_history(&audit, err) ||
        !gitstore_walk(reading->store, folder, check_file, &audit, err) ||
        !gitstore_log(reading->store, all, visit_commit, &audit, err))
        return false;
    for (size_t i = 0; i < audit.runs.count; i++)
        if (strcmp(audit.runs.items[i].run, run) == 0 &&
            !check_run(&audit, &audit.runs.items[i], err))
            return false;
    return check_older(&audit, run, &remedy, err) && refuse(&findings, run, remedy, err);
}

bool journal_trust_empty(const struct journal_reading *reading, struct error *err) {
    AUTO(findings_clear) struct findings findings = { 0 };
    AUTO(audit_clear)
    struct audit audit = { .store = reading->store, .migration = reading->migration };
    AUTO(string_free) char *all = xasprintf("migrations/%s", reading->migration);
    audit.findings = &findings;
    return read_runs(&audit, err) && gitstore_log(reading->store, all, visit_commit, &audit, err) &&
           refuse(&findings, NULL, NULL, err);
}
