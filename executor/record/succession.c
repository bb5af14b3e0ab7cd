#include "executor/record/succession.h"

#include <stdlib.h>
#include <string.h>

#include "executor/record/tally.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

enum verdict { NOT_JUDGED, STANDS, DOES_NOT_STAND };

struct member { /* a run of the succession */
    bool is_read;
    struct approval_policy policy; /* of its plan */
    char *unreadable;              /* why it is not known whether it has one, or NULL */
    enum verdict verdict;
};

struct ledger {
    const struct succession *succession;
    struct member *members; /* as the runs are, newest first */
};

static void ledger_clear(struct ledger *ledger) {
    for (size_t i = 0; i < ledger->succession->runs->count; i++) {
        approval_policy_clear(&ledger->members[i].policy);
        free(ledger->members[i].unreadable);
    }
    free(ledger->members);
}
AUTO_VALUE(struct ledger, ledger_clear)

static struct ledger ledger_of(const struct succession *succession) {
    size_t count = succession->runs->count;
    return (struct ledger){ succession, xcalloc(count ? count : 1, sizeof(struct member)) };
}

/* A run whose policy a later one has to meet. */
struct elder {
    const struct run_summary *run;
    const struct approval_policy *policy;
    bool is_open; /* or was when the later one came */
};

struct elders {
    struct elder *items; /* newest first */
    size_t count;
    const char *unreadable;
};

static void elders_clear(struct elders *elders) {
    free(elders->items);
}
AUTO_VALUE(struct elders, elders_clear)

static bool has_keys(const struct succession *succession) {
    return succession->keys && succession->keys->file;
}

/* A plan of an older version may not be read whole; whether it has a policy can be. */
static bool parse_policy(const char *bytes, size_t length, struct approval_policy *out,
                         struct error *err) {
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(json_free) struct json *document = NULL;
    AUTO(error_clear) struct error old = { 0 };
    if (plan_parse(bytes, length, &plan, &old))
        return approval_policy_of(&plan, out, err);
    if (!json_parse(bytes, length, "plan", &document, err))
        return false;
    const struct json *config = json_find(json_find(document, "core"), "config");
    if (!json_find_string(json_find(config, "approvals"), "allowed_signers"))
        return true;
    error_move(err, &old);
    return false;
}

static bool read_member(const struct ledger *ledger, size_t index, struct error *err) {
    AUTO(text_clear) struct text bytes = { 0 };
    AUTO(error_clear) struct error unreadable = { 0 };
    const struct succession *succession = ledger->succession;
    const struct run_summary *run = &succession->runs->items[index];
    struct member *member = &ledger->members[index];
    if (member->is_read)
        return true;
    member->is_read = true;
    if (journal_read_plan(succession->store, succession->migration, run->plan, &bytes,
                          &unreadable) &&
        parse_policy(text_string(&bytes), bytes.length, &member->policy, &unreadable)) {
        approval_policy_hear(&member->policy, succession->keys);
        return true;
    }
    if (unreadable.code == ERROR_IO) {
        error_move(err, &unreadable);
        return false;
    }
    member->unreadable =
        xasprintf("the plan of run %s cannot be read: %s", run->run, unreadable.message);
    return true;
}

static bool stands(const struct ledger *ledger, size_t index, bool *yes, struct error *err);

/* A run that was given up is over when one that may stand came after it and ended. */
static bool look_if_over(const struct ledger *ledger, size_t from, size_t index, bool *over,
                         struct error *err) {
    const struct run_summaries *runs = ledger->succession->runs;
    *over = !runs->items[index].open && !runs->items[index].given_up_by;
    for (size_t i = from; i < index && !*over; i++)
        if (!runs->items[i].open && !runs->items[i].given_up_by && !stands(ledger, i, over, err))
            return false;
    return true;
}

/* Of the runs from `from` on, which are older. */
static bool find_elders(const struct ledger *ledger, size_t from, struct elders *out,
                        struct error *err) {
    const struct run_summaries *runs = ledger->succession->runs;
    for (size_t i = from; i < runs->count; i++) {
        const struct member *member = &ledger->members[i];
        bool over = false;
        if (!read_member(ledger, i, err))
            return false;
        if (member->unreadable && !out->unreadable)
            out->unreadable = member->unreadable;
        if (!member->policy.file)
            continue;
        if (!look_if_over(ledger, from, i, &over, err))
            return false;
        *LIST_ADD(out) = (struct elder){ &runs->items[i], &member->policy, !over };
    }
    return true;
}

struct question {
    const struct succession *succession;
    const char *digest;
    const struct run_summary *run; /* NULL: one that has not begun */
    bool hides;                    /* a run that is open */
};

/* Of a run that is over its own times are all there is; what is revoked since does not hide a run
 * that is open. */
static struct approval_policy_moment moment(const struct question *question,
                                            const struct approval_policy *policy) {
    int64_t at_ms = 0;
    const struct run_summary *run = question->run;
    if (!run || !clock_parse(run->started_at, &at_ms))
        return approval_policy_now;
    return run->open ? approval_policy_resumed(policy, at_ms, run->cutover != NULL)
                     : (struct approval_policy_moment){ at_ms, question->hides };
}

static bool meets(const struct question *question, const struct approval_policy *policy,
                  struct tally *out, struct error *err) {
    AUTO(judged_approvals_clear) struct judged_approvals list = { 0 };
    const struct approval_place place = { question->succession->store,
                                          question->succession->migration, question->digest };
    if (!approvals_judge(&place, policy, moment(question, policy), &list, err))
        return false;
    approvals_tally(&list, NULL, policy, NULL, out);
    return true;
}

/* *missing: whose policy it does not meet, and why; NULL when it meets all that it has to. */
static bool meets_all(const struct question *question, const struct elders *elders, char **missing,
                      struct error *err) {
    const struct succession *succession = question->succession;
    AUTO(tally_clear) struct tally tally = { 0 };
    *missing = NULL;
    if (has_keys(succession)) {
        if (!meets(question, succession->keys, &tally, err))
            return false;
        if (tally_is_enough(&tally))
            return true;
    }
    for (size_t i = 0; i < elders->count; i++) {
        const struct elder *elder = &elders->items[i];
        AUTO(text_clear) struct text words = TEXT_PAGE;
        if (!has_keys(succession) && !elder->is_open)
            continue;
        if (!meets(question, elder->policy, &tally, err))
            return false;
        if (tally_is_enough(&tally))
            continue;
        tally_words(&tally, &words);
        *missing =
            xasprintf("run %s%s counts only approvals signed by keys of '%s': %s", elder->run->run,
                      elder->is_open ? ", which is open," : "", elder->policy->file,
                      words.length ? text_string(&words) : "there is none");
        return true;
    }
    return true;
}

static bool is_repeated(const struct run_summary *run, const struct elders *elders, char **why) {
    for (size_t i = 0; i < elders->count; i++) {
        if (strcmp(elders->items[i].run->plan, run->plan) != 0)
            continue;
        *why = xasprintf("it is a second run of the plan of run %s", elders->items[i].run->run);
        return true;
    }
    return false;
}

/* Nobody has to answer for it; who reads it should know that nobody did. */
static bool judge_unbound(const struct question *question, const struct elders *elders,
                          const struct member *own, struct succession_verdict *out,
                          struct error *err) {
    AUTO(tally_clear) struct tally tally = { 0 };
    const struct approval_policy *keys = question->succession->keys;
    bool has_policy = own->policy.file || own->unreadable;
    if (elders->count && !has_policy)
        out->note = xasprintf("its plan has no 'approvals', which that of run %s had: it proves "
                              "push rights, not who",
                              elders->items[0].run->run);
    if (!has_keys(question->succession) || out->note)
        return true;
    if (!meets(question, keys, &tally, err))
        return false;
    if (!tally_is_enough(&tally))
        out->note = xasprintf("its plan is not approved by keys that '%s' names now%s", keys->file,
                              has_policy ? "" : ", since it has no 'approvals'");
    return true;
}

static bool judge(const struct ledger *ledger, size_t index, struct succession_verdict *out,
                  struct error *err) {
    AUTO(elders_clear) struct elders elders = { 0 };
    AUTO(string_free) char *missing = NULL;
    const struct succession *succession = ledger->succession;
    const struct run_summary *run = &succession->runs->items[index];
    struct question question = { .succession = succession, .digest = run->plan, .run = run };
    if (!read_member(ledger, index, err) || !find_elders(ledger, index + 1, &elders, err))
        return false;
    for (size_t i = 0; i < elders.count; i++)
        question.hides |= elders.items[i].is_open;
    if (elders.unreadable) {
        out->why = xstrdup(elders.unreadable);
        return true;
    }
    if (!question.hides && !(has_keys(succession) && elders.count))
        return judge_unbound(&question, &elders, &ledger->members[index], out, err);
    if (is_repeated(run, &elders, &out->why))
        return true;
    if (!meets_all(&question, &elders, &missing, err))
        return false;
    if (missing)
        out->why = xasprintf("it came after others and does not meet their policy: %s", missing);
    return true;
}

/* Each run is judged once: only older ones are asked about. */
static bool stands(const struct ledger *ledger, size_t index, bool *yes, struct error *err) {
    AUTO(succession_verdict_clear) struct succession_verdict verdict = { 0 };
    struct member *member = &ledger->members[index];
    if (member->verdict == NOT_JUDGED) {
        if (!judge(ledger, index, &verdict, err))
            return false;
        member->verdict = verdict.why ? DOES_NOT_STAND : STANDS;
    }
    *yes = member->verdict == STANDS;
    return true;
}

bool succession_judge(const struct succession *succession, size_t index,
                      struct succession_verdict *out, struct error *err) {
    AUTO(ledger_clear) struct ledger ledger = ledger_of(succession);
    return judge(&ledger, index, out, err);
}

char *succession_remedy(const struct succession *succession, size_t index) {
    const struct run_summary *run = &succession->runs->items[index];
    return xasprintf("if nobody of yours began run %s, take the commit that added it off the state "
                     "repository's branch; if it is yours, have its plan approved: ecmig approve "
                     "sha256:%s --sign-with KEY FILE",
                     run->run, run->plan);
}

bool succession_begins(const struct succession *succession, const char *digest, char **missing,
                       struct error *err) {
    AUTO(ledger_clear) struct ledger ledger = ledger_of(succession);
    AUTO(elders_clear) struct elders elders = { 0 };
    const struct question question = { .succession = succession, .digest = digest, .hides = true };
    *missing = NULL;
    return find_elders(&ledger, 0, &elders, err) && meets_all(&question, &elders, missing, err);
}

bool succession_open_policy(const struct succession *succession, struct approval_policy *out,
                            struct error *err) {
    AUTO(ledger_clear) struct ledger ledger = ledger_of(succession);
    AUTO(elders_clear) struct elders elders = { 0 };
    approval_policy_clear(out);
    if (!find_elders(&ledger, 0, &elders, err))
        return false;
    for (size_t i = 0; i < succession->runs->count && !out->file; i++)
        for (size_t e = 0; e < elders.count; e++)
            if (elders.items[e].is_open && elders.items[e].run == &succession->runs->items[i]) {
                *out = ledger.members[i].policy;
                ledger.members[i].policy = (struct approval_policy){ 0 };
                break;
            }
    return true;
}

void succession_verdict_clear(struct succession_verdict *verdict) {
    free(verdict->why);
    free(verdict->note);
    *verdict = (struct succession_verdict){ 0 };
}
