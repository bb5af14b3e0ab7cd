/* What the signatures of a run prove: by whose keys its entries were added, and that the approvals
 * which it relied on were enough for the policy of its plan. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "executor/record/reliance.h"
#include "schemas/base/memory.h"

struct signer_span { /* entries up to `last`, from the one after the span before */
    int64_t last;
    char *signer, *key;
};

struct signed_run {
    const struct signed_check *check;
    const struct journal_run_files *files;
    struct plan plan;
    struct approval_policy policy;
    bool is_open;         /* and continues */
    struct strings later; /* what was said of keys that no longer count */
    char *record;
    struct {
        struct signer_span *items;
        size_t count;
    } spans;
};

static void signer_span_clear(struct signer_span *span) {
    free(span->signer);
    free(span->key);
}

static void signed_run_clear(struct signed_run *run) {
    plan_clear(&run->plan);
    approval_policy_clear(&run->policy);
    strings_clear(&run->later);
    free(run->record);
    LIST_CLEAR(&run->spans, signer_span_clear);
}
AUTO_VALUE(struct signed_run, signed_run_clear)

static void found(const struct signed_run *run, const char *subject, const char *words) {
    finding_add(run->check->findings, SEVERITY_ERROR, "record-signature", subject, "%s", words);
}

/* A plan that is another is found by the checks of the files that entries name; without one it is
 * not known whose signatures the run needs. */
static bool read_policy(struct signed_run *run, struct error *err) {
    AUTO(text_clear) struct text document = { 0 };
    AUTO(error_clear) struct error unreadable = { 0 };
    const struct signed_check *check = run->check;
    const char *digest = run->files->state.plan;
    if (!digest ||
        !journal_read_plan(check->store, check->migration, digest, &document, &unreadable) ||
        !plan_parse(text_string(&document), document.length, &run->plan, &unreadable) ||
        !approval_policy_of(&run->plan, &run->policy, &unreadable)) {
        if (unreadable.code == ERROR_IO) {
            error_move(err, &unreadable);
            return false;
        }
        if (!digest || unreadable.code == ERROR_NOT_FOUND)
            found(run, "plan", digest ? unreadable.message : "no entry says which plan was run");
        return true;
    }
    approval_policy_hear(&run->policy, check->keys);
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
        return "the entry that was signed does not exist";
    return NULL;
}

static void say(const struct signed_run *run, const char *words) {
    if (run->check->proven)
        strings_addf(run->check->proven, "run %s: %s", run->check->run, words);
}

static bool in_cutover(const struct signed_run *run) {
    return run->files->state.cutover != JOURNAL_MARK_COUNT;
}

/* For entries of the past a key that no longer counts is a note, once for each key. */
static bool say_later(struct signed_run *run, const struct approval_policy_claim *claim,
                      const char *key, struct error *err) {
    AUTO(signature_seen_clear) struct signature_seen now = { 0 };
    AUTO(string_free) char *whose = xasprintf("%s %s", claim->signer, key);
    if (!run->check->proven || strings_has(&run->later, whose))
        return true;
    strings_add(&run->later, whose);
    if (!approval_policy_check(&run->policy, claim, approval_policy_now, &now, err))
        return false;
    AUTO(string_free) char *why = approval_policy_words(&run->policy, &now, claim->signer);
    AUTO(string_free)
    char *words = xasprintf("note: what %s signed with %s counted by the times on record, and no "
                            "longer counts: %s",
                            claim->signer, key, why ? why : "");
    if (why)
        say(run, words);
    return true;
}

static bool judge(struct signed_run *run, const char *name, const struct json *document,
                  const struct entry_signature *signature, struct error *err) {
    AUTO(signature_seen_clear) struct signature_seen seen = { 0 };
    AUTO(string_free) char *statement = signed_statement(document);
    const struct journal_entries *entries = &run->files->entries;
    const struct approval_policy_moment then = {
        journal_entry_time(&entries->items[signature->seq - 1]), false
    };
    const struct approval_policy_claim claim = { SIGNED_ENTRY, signature->signer,
                                                 signature->signature, statement };
    bool by_now = run->is_open && !in_cutover(run) && signature->seq == (int64_t)entries->count;
    if (!approval_policy_check(&run->policy, &claim, by_now ? approval_policy_now : then, &seen,
                               err))
        return false;
    AUTO(string_free) char *why = approval_policy_words(&run->policy, &seen, signature->signer);
    if (why) {
        found(run, name, why);
        return true;
    }
    struct signer_span *span = LIST_ADD(&run->spans);
    *span = (struct signer_span){ signature->seq, xstrdup(signature->signer), xstrdup(seen.key) };
    return by_now || say_later(run, &claim, seen.key, err);
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

/* What no entry up to this one names was put there afterwards. */
static void keep_named(const struct signed_run *run, size_t entry, struct judged_approvals *list) {
    for (size_t i = 0; i < list->count; i++) {
        const char *inside = strstr(list->items[i].path, "/approvals/");
        bool named = false;
        for (size_t e = 0; inside && !named && e <= entry; e++) {
            const struct json *files = json_find(run->files->entries.items[e].data, "files");
            named = files && json_find_string(files, inside + 1);
        }
        if (!list->items[i].why && !named)
            list->items[i].why = xstrdup("the run did not rely on it");
    }
}

static char *approved_by(const struct judged_approvals *list, const struct tally *tally) {
    AUTO(strings_clear) struct strings people = { 0 };
    for (size_t i = 0; i < list->count; i++)
        if (strings_has(&tally->counted, list->items[i].path))
            strings_add(&people, approval_said_by(&list->items[i].approval));
    return strings_join(&people, ", ");
}

/* What of the same approvals no longer counts today. */
static bool note_later(const struct signed_run *run, const struct approval_place *place,
                       struct judged_approvals *list, struct error *err) {
    AUTO(judged_approvals_clear) struct judged_approvals now = { 0 };
    if (!approvals_judge(place, &run->policy, approval_policy_now, &now, err))
        return false;
    for (size_t i = 0; i < now.count && i < list->count; i++)
        if (!list->items[i].why)
            list->items[i].later = xstrdup(now.items[i].why);
    return true;
}

/* The approvals of the plan as they were when the run relied on them. Without a policy nobody is
 * asked for a signature, and older records name no approvals. */
static bool look_at(const struct signed_run *run, const struct reliance *reliance, bool later,
                    struct judged_approvals *list, struct tally *tally, struct error *err) {
    const struct journal_entry *entry = &run->files->entries.items[reliance->entry];
    const struct signer_span *span = span_of(run, entry->seq);
    const struct signing_key applier = { .name = span ? span->signer : NULL,
                                         .print = span ? span->key : NULL };
    const struct approval_place place = { run->check->store, run->check->migration,
                                          run->files->state.plan };
    const struct approval_policy_moment then = { journal_entry_time(entry), false };
    const struct approval_policy_moment again =
        approval_policy_resumed(&run->policy, journal_entry_time(entry), in_cutover(run));
    if (!approvals_judge(&place, &run->policy, run->is_open ? again : then, list, err))
        return false;
    if (run->policy.file)
        keep_named(run, reliance->entry, list);
    approvals_tally(list, reliance->gate, &run->policy, &applier, tally);
    return !later || note_later(run, &place, list, err);
}

static bool check_approved(const struct signed_run *run, const struct reliance *reliance,
                           struct error *err) {
    AUTO(judged_approvals_clear) struct judged_approvals list = { 0 };
    AUTO(tally_clear) struct tally tally = { 0 };
    const struct journal_entry *entry = &run->files->entries.items[reliance->entry];
    if (!look_at(run, reliance, run->check->proven != NULL, &list, &tally, err))
        return false;
    AUTO(string_free) char *by = approved_by(&list, &tally);
    AUTO(string_free)
    char *what = reliance->gate ? xasprintf("gate %s", reliance->gate) : xstrdup("the plan");
    AUTO(string_free)
    char *words = tally_is_enough(&tally) ? xasprintf("%s approved by %s", what, by)
                                          : xasprintf("entry %" PRId64 ": %s had %" PRId64
                                                      " of %" PRId64 " signed approvals",
                                                      entry->seq, what, tally.given, tally.wanted);
    if (!tally_is_enough(&tally)) {
        found(run, run->check->run, words);
        return true;
    }
    say(run, words);
    for (size_t i = 0; i < list.count; i++) {
        const struct judged *judged = &list.items[i];
        if (!judged->later || !strings_has(&tally.counted, judged->path))
            continue;
        AUTO(string_free)
        char *note = xasprintf("note: the approval of %s by %s counted by the times on record, "
                               "and no longer counts: %s",
                               what, approval_said_by(&judged->approval), judged->later);
        say(run, note);
    }
    return true;
}

static bool check_all_approved(const struct signed_run *run, struct error *err) {
    AUTO(reliances_clear) struct reliances list = { 0 };
    reliances_find(&run->plan, &run->files->entries, &list);
    for (size_t i = 0; i < list.count; i++)
        if (!check_approved(run, &list.items[i], err))
            return false;
    return true;
}

bool journal_check_signed(const struct signed_check *check, const struct journal_run_files *files,
                          struct error *err) {
    AUTO(signed_run_clear)
    struct signed_run run = { .check = check,
                              .files = files,
                              .is_open = check->newest && !files->state.finished };
    if (!read_policy(&run, err))
        return false;
    if (!run.policy.file)
        return true;
    if (!read_signatures(&run, err))
        return false;
    say_spans(&run);
    return !check->all || check_all_approved(&run, err);
}

/* What kept an approval from being counted beside what it is itself: a second one by the same
 * person, or one of the applier. */
static void take_reason(const struct tally *tally, struct judged *judged) {
    AUTO(string_free)
    char *start = xasprintf("%s by %s: ", judged_name(judged), approval_said_by(&judged->approval));
    for (size_t i = 0; !judged->why && i < tally->not_counted.count; i++)
        if (strncmp(tally->not_counted.items[i], start, strlen(start)) == 0)
            judged->why = xstrdup(tally->not_counted.items[i] + strlen(start));
}

/* Those of the plan or of the gate that the run relied on. */
static bool take_relied(const struct signed_run *run, const struct reliance *reliance,
                        struct judged_approvals *out, struct error *err) {
    AUTO(judged_approvals_clear) struct judged_approvals list = { 0 };
    AUTO(tally_clear) struct tally tally = { 0 };
    if (!look_at(run, reliance, true, &list, &tally, err))
        return false;
    for (size_t i = 0; i < list.count && i < out->count; i++) {
        struct judged *from = &list.items[i];
        if (!string_same(from->approval.gate, reliance->gate))
            continue;
        take_reason(&tally, from);
        const struct judged old = out->items[i];
        out->items[i] = *from;
        *from = old;
    }
    return true;
}

bool approvals_of_run(const struct journal_reading *reading, bool newest,
                      const struct journal_run_files *files, struct judged_approvals *out,
                      struct error *err) {
    AUTO(findings_clear) struct findings ignored = { 0 };
    AUTO(judged_approvals_clear) struct judged_approvals list = { 0 };
    AUTO(reliances_clear) struct reliances reliances = { 0 };
    const struct signed_check check = { .store = reading->store,
                                        .migration = reading->migration,
                                        .run = files->record.run,
                                        .keys = reading->keys,
                                        .newest = newest,
                                        .all = true,
                                        .findings = &ignored };
    AUTO(signed_run_clear)
    struct signed_run run = { .check = &check,
                              .files = files,
                              .is_open = newest && !files->state.finished };
    const struct approval_place place = { reading->store, reading->migration, files->state.plan };
    if (!files->state.plan || !read_policy(&run, err) ||
        (run.policy.file && !read_signatures(&run, err)) ||
        !approvals_judge(&place, &run.policy, approval_policy_now, &list, err))
        return !files->state.plan;
    reliances_find(&run.plan, &files->entries, &reliances);
    for (size_t i = 0; i < reliances.count; i++)
        if (reliance_is_last(&reliances, i) && !take_relied(&run, &reliances.items[i], &list, err))
            return false;
    *out = list;
    list = (struct judged_approvals){ 0 };
    return true;
}
