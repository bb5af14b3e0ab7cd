/* What the signatures of a run prove: by whose keys its entries were added, and that the approvals
 * which it relied on were enough for the policy of its plan. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

struct signer_span { /* entries up to `last`, from the one after the span before */
    int64_t last;
    char *signer, *key;
};

struct signed_run {
    const struct signed_check *check;
    const struct journal_run_files *files;
    struct policy policy;
    char *record;
    struct {
        struct signer_span *items;
        size_t count;
    } spans;
};

static void signed_run_clear(struct signed_run *run) {
    policy_clear(&run->policy);
    free(run->record);
    for (size_t i = 0; i < run->spans.count; i++) {
        free(run->spans.items[i].signer);
        free(run->spans.items[i].key);
    }
    free(run->spans.items);
}
AUTO_VALUE(struct signed_run, signed_run_clear)

static void found(const struct signed_run *run, const char *subject, const char *words) {
    finding_add(run->check->findings, SEVERITY_ERROR, "record-signature", subject, "%s", words);
}

/* A plan that is another is found by the checks of the files that entries name; without one it is
 * not known whose signatures the run needs. */
static bool read_policy(struct signed_run *run, struct error *err) {
    AUTO(text_clear) struct text document = { 0 };
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(error_clear) struct error unreadable = { 0 };
    const struct signed_check *check = run->check;
    const char *digest = run->files->state.plan;
    if (!digest ||
        !journal_read_plan(check->store, check->migration, digest, &document, &unreadable) ||
        !plan_parse(text_string(&document), document.length, &plan, &unreadable) ||
        !policy_of(&plan, &run->policy, &unreadable)) {
        if (unreadable.code == ERROR_IO) {
            error_move(err, &unreadable);
            return false;
        }
        if (!digest || unreadable.code == ERROR_NOT_FOUND)
            found(run, "plan", digest ? unreadable.message : "no entry says which plan was run");
        return true;
    }
    return !run->policy.file || gitstore_root(check->store, &run->record, err);
}

/* Why this is not a signature of an entry of this run; NULL when it may be one. */
static const char *misplaced(const struct signed_run *run,
                             const struct entry_signature *signature) {
    const struct journal_entries *entries = &run->files->entries;
    if (strcmp(signature->migration, run->check->migration) != 0 ||
        strcmp(signature->run, run->check->run) != 0)
        return "it was signed for another run";
    if (!run->record || strcmp(signature->record, run->record) != 0)
        return "it was signed for another state repository";
    if (signature->seq < 1 || signature->seq > (int64_t)entries->count ||
        strcmp(entries->items[signature->seq - 1].hash, signature->hash) != 0)
        return "the entry that was signed is not there";
    return NULL;
}

static int64_t time_of(const struct journal_entry *entry) {
    int64_t at_ms = 0;
    return clock_parse(entry->ts, &at_ms) ? at_ms : 0;
}

static bool judge(struct signed_run *run, const char *name, const struct json *document,
                  const struct entry_signature *signature, struct error *err) {
    AUTO(signature_seen_clear) struct signature_seen seen = { 0 };
    AUTO(string_free) char *statement = signed_statement(document);
    const struct signature_claim claim = { .signer = signature->signer,
                                           .armored = signature->signature,
                                           .at_ms = time_of(
                                               &run->files->entries.items[signature->seq - 1]) };
    const struct signature_message message = { SIGNED_ENTRY, statement, strlen(statement) };
    /* A key that was revoked later signed what it signed. */
    if (!policy_check(&run->policy, &claim, &message, false, &seen, err))
        return false;
    AUTO(string_free) char *why = policy_words(&run->policy, &seen, signature->signer);
    if (why) {
        found(run, name, why);
        return true;
    }
    struct signer_span *span = LIST_ADD(&run->spans);
    *span = (struct signer_span){ signature->seq, xstrdup(signature->signer), xstrdup(seen.key) };
    return true;
}

static bool read_signature(struct signed_run *run, const char *folder, const char *name,
                           struct error *err) {
    AUTO(string_free) char *path = xasprintf("%s/%s", folder, name);
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(json_free) struct json *document = NULL;
    AUTO(entry_signature_clear) struct entry_signature signature = { 0 };
    AUTO(error_clear) struct error broken = { 0 };
    if (!gitstore_read(run->check->store, path, &bytes, err))
        return false;
    if (!json_parse(text_string(&bytes), bytes.length, path, &document, &broken) ||
        !shape_read(&entry_signature_shape, document, &signature, &broken)) {
        found(run, name, broken.message);
        return true;
    }
    const char *why = misplaced(run, &signature);
    if (!why)
        return judge(run, name, document, &signature, err);
    found(run, name, why);
    return true;
}

/* The last signature covers every entry before it; all of them say who added which. */
static bool read_signatures(struct signed_run *run, struct error *err) {
    AUTO(string_free)
    char *folder = migration_path(run->check->migration, "runs/%s/signatures", run->check->run);
    AUTO(strings_clear) struct strings names = { 0 };
    if (!gitstore_list(run->check->store, folder, &names, err))
        return false;
    size_t first = run->check->all || !names.count ? 0 : names.count - 1;
    for (size_t i = first; i < names.count; i++)
        if (!read_signature(run, folder, names.items[i], err))
            return false;
    int64_t covered = run->spans.count ? run->spans.items[run->spans.count - 1].last : 0;
    int64_t count = (int64_t)run->files->entries.count;
    if (run->policy.sign_entries && covered < count) {
        AUTO(string_free)
        char *words =
            xasprintf("entries %" PRId64 " to %" PRId64 " are not signed by a key of '%s'",
                      covered + 1, count, run->policy.file);
        found(run, run->check->run, words);
    }
    return true;
}

static const struct signer_span *span_of(const struct signed_run *run, int64_t seq) {
    for (size_t i = 0; i < run->spans.count; i++)
        if (seq <= run->spans.items[i].last)
            return &run->spans.items[i];
    return NULL;
}

static void say(const struct signed_run *run, const char *words) {
    if (run->check->proven)
        strings_addf(run->check->proven, "run %s: %s", run->check->run, words);
}

static void say_spans(const struct signed_run *run) {
    int64_t from = 1;
    for (size_t i = 0; i < run->spans.count; i++) {
        const struct signer_span *span = &run->spans.items[i];
        bool same = i + 1 < run->spans.count && strcmp(span[0].signer, span[1].signer) == 0 &&
                    strcmp(span[0].key, span[1].key) == 0;
        if (same)
            continue;
        AUTO(string_free)
        char *words = xasprintf("entries %" PRId64 " to %" PRId64 " signed by %s (%s)", from,
                                span->last, span->signer, span->key);
        say(run, words);
        from = span->last + 1;
    }
}

/* Where an entry stands for an approval: of the plan (gate NULL), or of a gate that has passed. */
static bool needs_approval(const struct journal_entry *entry, const char **gate) {
    const char *state = json_find_string(entry->data, "state");
    *gate = NULL;
    if (entry->type == JOURNAL_RUN_STARTED)
        return state && strcmp(state, "new") == 0;
    *gate = json_find_string(entry->data, "gate");
    return entry->type == JOURNAL_GATE && *gate && state && strcmp(state, "passed") == 0 &&
           json_find(entry->data, "files");
}

static void keep_named(struct judged_approvals *list, const struct journal_entry *entry) {
    const struct json *files = json_find(entry->data, "files");
    for (size_t i = 0; i < list->count; i++) {
        const char *inside = strstr(list->items[i].path, "/approvals/");
        if (!list->items[i].why && (!inside || !json_find_string(files, inside + 1)))
            list->items[i].why = xstrdup("the entry does not name it");
    }
}

static bool check_approved(const struct signed_run *run, const struct journal_entry *entry,
                           const char *gate, struct error *err) {
    AUTO(judged_approvals_clear) struct judged_approvals list = { 0 };
    AUTO(tally_clear) struct tally tally = { 0 };
    AUTO(strings_clear) struct strings people = { 0 };
    const struct signer_span *span = span_of(run, entry->seq);
    const struct signing_key applier = { .name = span ? span->signer : NULL,
                                         .print = span ? span->key : NULL };
    const struct approval_place place = { run->check->store, run->check->migration,
                                          run->files->state.plan };
    if (!approvals_judge_at(&place, &run->policy, time_of(entry), &list, err))
        return false;
    keep_named(&list, entry);
    approvals_tally(&list, gate, &run->policy, &applier, &tally);
    for (size_t i = 0; i < list.count; i++)
        if (strings_has(&tally.counted, list.items[i].path))
            strings_add(&people, list.items[i].approval.signer);
    AUTO(string_free) char *by = strings_join(&people, ", ");
    AUTO(string_free) char *what = gate ? xasprintf("gate %s", gate) : xstrdup("the plan");
    AUTO(string_free)
    char *words = tally_is_enough(&tally) ? xasprintf("%s approved by %s", what, by)
                                          : xasprintf("entry %" PRId64 ": %s had %" PRId64
                                                      " of %" PRId64 " signed approvals",
                                                      entry->seq, what, tally.given, tally.wanted);
    if (tally_is_enough(&tally))
        say(run, words);
    else
        found(run, run->check->run, words);
    return true;
}

bool journal_check_signed(const struct signed_check *check, const struct journal_run_files *files,
                          struct error *err) {
    AUTO(signed_run_clear) struct signed_run run = { .check = check, .files = files };
    const char *gate = NULL;
    if (!read_policy(&run, err))
        return false;
    if (!run.policy.file)
        return true;
    if (!read_signatures(&run, err))
        return false;
    say_spans(&run);
    for (size_t i = 0; check->all && i < files->entries.count; i++)
        if (needs_approval(&files->entries.items[i], &gate) &&
            !check_approved(&run, &files->entries.items[i], gate, err))
            return false;
    return true;
}
