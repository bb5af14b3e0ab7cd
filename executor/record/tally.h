/* Which approvals of a plan count, and whether they are enough. Without a policy every approval
 * does, and one is enough: everybody with push rights to the record may approve.
 *
 * With one, an approval counts when it is signed by a key of the policy for this migration, record,
 * plan and gate, and that key is valid and not revoked at the moment that is asked for. People
 * count once, and so do keys. With not_by_applier, the signer of the process that relies on an
 * approval does not count. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "executor/record/approval_policy.h"
#include "executor/record/journal.h"

struct judged {
    struct approval approval;
    char *path;  /* in the state repository */
    char *key;   /* "ED25519 SHA256:…" of what signed it, or NULL */
    char *why;   /* why it does not count; NULL: it does */
    char *later; /* why it would not now, though it did when a run relied on it; or NULL */
};

struct judged_approvals {
    struct judged *items; /* oldest first */
    size_t count;
};
void judged_approvals_clear(struct judged_approvals *list);
AUTO_VALUE(struct judged_approvals, judged_approvals_clear)

struct approval_place {
    struct gitstore *store;
    const char *migration, *digest;
};
/* ERROR_NOT_FOUND without ssh-keygen, ERROR_DEADLINE, ERROR_IO. */
MUST_CHECK bool approvals_judge(const struct approval_place *place,
                                const struct approval_policy *policy,
                                struct approval_policy_moment when, struct judged_approvals *out,
                                struct error *err);

/* Those of a run's plan, as `ecmig log --verify` judges them: what the run relied on by the moment
 * of that, what it did not rely on by now. `newest` of the runs: one that is open continues. */
MUST_CHECK bool approvals_of_run(const struct journal_reading *reading, bool newest,
                                 const struct journal_run_files *files,
                                 struct judged_approvals *out, struct error *err);

/* Who it is of, for people: its signer, or else who it names. */
const char *approval_said_by(const struct approval *approval);
const char *judged_name(const struct judged *judged); /* "0003.json" */

struct tally {
    int64_t wanted, given;
    struct strings counted;     /* paths of the approvals that count */
    struct strings not_counted; /* "0003.json by ann@build7: it is not signed" */
};
void tally_clear(struct tally *tally);
AUTO_VALUE(struct tally, tally_clear)
/* Of the plan (gate NULL) or of a gate of it. `applier` may be NULL. */
void approvals_tally(const struct judged_approvals *list, const char *gate,
                     const struct approval_policy *policy, const struct signing_key *applier,
                     struct tally *out);
bool tally_is_enough(const struct tally *tally);
/* "1 of 2 people approved; 0003.json by …: …"; "" when there is nothing to say. */
void tally_words(const struct tally *tally, struct text *out);

struct approval_question {
    const char *digest, *gate; /* gate NULL: the plan itself */
    const struct approval_policy *policy;
    struct approval_policy_moment when;
    const struct signing_key *applier; /* who relies on the answer, or NULL */
};
/* Judges and counts; where that is enough, the journal's next entry names the approvals by their
 * hashes. */
MUST_CHECK bool approval_rely(struct journal *journal, const struct approval_question *question,
                              struct tally *out, struct error *err);

/* The same as `approval`, signed: `out` is for approval_record. `plan` is stored first where the
 * repository is empty: a signature names the record that it is for. */
MUST_CHECK bool approval_sign(const struct approval_place *place, const struct signing_key *signer,
                              const struct approval *approval, const char *plan,
                              struct approval *out, struct error *err);
