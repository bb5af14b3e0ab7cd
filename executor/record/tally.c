#include "executor/record/tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define JUDGE_WITHIN_MS 60000 /* anybody with push rights can add files to be looked at */
#define SAID_AT_MOST 4

static void judged_clear(struct judged *judged) {
    approval_clear(&judged->approval);
    free(judged->path);
    free(judged->key);
    free(judged->why);
    free(judged->later);
}

void judged_approvals_clear(struct judged_approvals *list) {
    LIST_CLEAR(list, judged_clear);
}

/* What was signed for somewhere else counts here for nothing. */
static const char *misplaced(const struct approval_place *place, const char *record,
                             const struct approval *approval) {
    if (!approval->signature || !approval->signer)
        return "it is not signed";
    if (!approval->migration || strcmp(approval->migration, place->migration) != 0)
        return "it was signed for another migration";
    if (!approval->record || !record || strcmp(approval->record, record) != 0)
        return "it was signed for another state repository";
    return NULL;
}

static bool judge_signature(const struct approval_policy *policy,
                            struct approval_policy_moment when, const struct json *document,
                            struct judged *judged, struct error *err) {
    AUTO(signature_seen_clear) struct signature_seen seen = { 0 };
    AUTO(string_free) char *statement = signed_statement(document);
    const struct approval *approval = &judged->approval;
    const struct approval_policy_claim claim = { SIGNED_APPROVAL, approval->signer,
                                                 approval->signature, statement };
    if (!approval_policy_check(policy, &claim, when, &seen, err))
        return false;
    judged->key = xstrdup(seen.key);
    judged->why = approval_policy_words(policy, &seen, approval->signer);
    return true;
}

bool approvals_judge(const struct approval_place *place, const struct approval_policy *policy,
                     struct approval_policy_moment when, struct judged_approvals *out,
                     struct error *err) {
    AUTO(approval_files_clear) struct approval_files files = { 0 };
    AUTO(judged_approvals_clear) struct judged_approvals list = { 0 };
    AUTO(string_free) char *record = NULL;
    int64_t deadline_mono_ms = clock_mono_ms() + JUDGE_WITHIN_MS;
    if (!approval_files_read(place, false, &files, err) ||
        (policy->file && !gitstore_root(place->store, &record, err)))
        return false;
    for (size_t i = 0; i < files.count; i++) {
        struct judged *judged = LIST_ADD(&list);
        judged->approval = MOVE(files.items[i].approval);
        judged->path = xstrdup(files.items[i].path);
        if (!policy->file)
            continue;
        judged->why = xstrdup(misplaced(place, record, &judged->approval));
        if (judged->why)
            continue;
        if (clock_left_ms(deadline_mono_ms) == 0) {
            error_set(err, ERROR_DEADLINE, "there are %zu approvals, too many to verify",
                      files.count);
            return error_hint(err, "remove those that nobody needs from the state repository");
        }
        if (!judge_signature(policy, when, files.items[i].document, judged, err))
            return error_wrap(err, "the approvals cannot be verified");
    }
    *out = MOVE(list);
    return true;
}

void tally_clear(struct tally *tally) {
    strings_clear(&tally->counted);
    strings_clear(&tally->not_counted);
    *tally = (struct tally){ 0 };
}

const char *approval_said_by(const struct approval *approval) {
    return approval->signer ? approval->signer : approval->who;
}

const char *judged_name(const struct judged *judged) {
    const char *name = strrchr(judged->path, '/');
    return name ? name + 1 : judged->path;
}

struct counting {
    const struct approval_policy *policy;
    const struct signing_key *applier;
    struct strings people, keys;
};

/* "ED25519 SHA256:…" and "ED25519-CERT SHA256:…" may be one key. */
static const char *print_of(const char *key) {
    const char *print = key ? strstr(key, "SHA256:") : NULL;
    return print ? print : key;
}

static const char *not_counted(const struct counting *counting, const struct judged *judged) {
    const struct signing_key *applier = counting->applier;
    if (judged->why || !counting->policy->file)
        return judged->why;
    if (counting->policy->not_by_applier && applier && applier->name &&
        (strcmp(applier->name, judged->approval.signer) == 0 ||
         string_same(print_of(applier->print), print_of(judged->key))))
        return "the applier gave it (not_by_applier)";
    if (strings_has(&counting->people, judged->approval.signer))
        return "that person has approved already";
    return strings_has(&counting->keys, print_of(judged->key)) ? "that key has approved already"
                                                               : NULL;
}

void approvals_tally(const struct judged_approvals *list, const char *gate,
                     const struct approval_policy *policy, const struct signing_key *applier,
                     struct tally *out) {
    struct counting counting = { .policy = policy, .applier = applier };
    tally_clear(out);
    out->wanted = policy->file ? policy->minimum : 1;
    for (size_t i = 0; i < list->count; i++) {
        const struct judged *judged = &list->items[i];
        const struct approval *approval = &judged->approval;
        if (!string_same(approval->gate, gate))
            continue;
        const char *why = not_counted(&counting, judged);
        if (why) {
            strings_addf(&out->not_counted, "%s by %s: %s", judged_name(judged),
                         approval_said_by(approval), why);
            continue;
        }
        out->given++;
        strings_add(&out->counted, judged->path);
        if (approval->signer)
            strings_add(&counting.people, approval->signer);
        if (judged->key)
            strings_add(&counting.keys, print_of(judged->key));
    }
    strings_clear(&counting.people);
    strings_clear(&counting.keys);
}

bool tally_is_enough(const struct tally *tally) {
    return tally->given >= tally->wanted;
}

void tally_words(const struct tally *tally, struct text *out) {
    if (tally->wanted > 1 || tally->not_counted.count)
        text_addf(out, "%" PRId64 " of %" PRId64 " approvals that count", tally->given,
                  tally->wanted);
    for (size_t i = 0; i < tally->not_counted.count; i++) {
        if (i == SAID_AT_MOST) {
            text_addf(out, "; and %zu more do not count", tally->not_counted.count - i);
            return;
        }
        text_addf(out, "; not %s", tally->not_counted.items[i]);
    }
}

bool approval_rely(struct journal *journal, const struct approval_question *question,
                   struct tally *out, struct error *err) {
    AUTO(judged_approvals_clear) struct judged_approvals list = { 0 };
    const struct approval_place place = { journal->store, journal->migration, question->digest };
    if (!approvals_judge(&place, question->policy, question->when, &list, err))
        return false;
    approvals_tally(&list, question->gate, question->policy, question->applier, out);
    for (size_t i = 0; tally_is_enough(out) && i < out->counted.count; i++)
        if (!journal_rely(journal, out->counted.items[i], err))
            return false;
    return true;
}

/* The first commit makes a record what it is; before it there is nothing that could be named. */
static bool have_record(const struct approval_place *place, const char *plan, char **record,
                        struct error *err) {
    if (!gitstore_root(place->store, record, err))
        return false;
    if (*record || !plan)
        return *record || error_set(err, ERROR_NOT_FOUND, "the state repository is empty");
    AUTO(string_free)
    char *path = migration_path(place->migration, "plans/%s.json", digest_digits(place->digest));
    AUTO(string_free)
    char *message = xasprintf("ecmig(%s): plan stored\n\nEcmig-Plan: %s\n", place->migration,
                              digest_digits(place->digest));
    const struct gitstore_change change = { path, plan, strlen(plan) };
    if (!gitstore_commit(place->store, &change, 1, message, err)) {
        if (err->code != ERROR_CONFLICT)
            return false;
        error_clear(err); /* somebody else was first */
        if (!gitstore_refresh(place->store, err))
            return false;
    }
    return gitstore_root(place->store, record, err);
}

bool approval_sign(const struct approval_place *place, const struct signing_key *signer,
                   const struct approval *approval, const char *plan, struct approval *out,
                   struct error *err) {
    AUTO(string_free) char *record = NULL;
    AUTO(json_free) struct json *document = shape_write(&approval_shape, approval);
    if (!have_record(place, plan, &record, err))
        return false;
    json_put_string(document, "migration", place->migration);
    json_put_string(document, "record", record);
    return signing_key_sign(signer, SIGNED_APPROVAL, document, err) &&
           shape_read(&approval_shape, document, out, err);
}
