/* By whose key a command signs what it adds to the record, and whose signatures count there. */
#pragma once

#include "cmd/frame/command.h"
#include "executor/record/approval_policy.h"
#include "providers/gitstore/gitstore.h"
#include "schemas/plan/plan.h"

/* Rows of every command that adds to a record. */
#define SIGNING_OPTIONS                                                                            \
    { "sign-with", OPTION_STRING, .value = "KEY",                                                  \
      .summary = "sign with this SSH key (default: git's user.signingkey)" },                      \
    {                                                                                              \
        "sign-as", OPTION_STRING,                                                                  \
            .value = "NAME",                                                                       \
            .summary = "the name in allowed_signers to sign as, if the key belongs to several"     \
    }

struct signing {
    struct approval_policy policy; /* of the plan */
    struct signing_key entries;    /* no key: they are not signed */
    struct signing_key approvals;  /* no key: what this process approves does not count */
};
void signing_close(struct signing *signing);
AUTO_VALUE(struct signing, signing_close)

/* The policy alone; `folder` is that of the migration file, or NULL where there is none. */
MUST_CHECK bool signing_policy(const struct plan *plan, const char *folder,
                               struct approval_policy *out, struct error *err);
/* What a run of this plan signs. ERROR_CREDENTIALS when the policy wants its entries signed and
 * there is no key for it; ERROR_USAGE for a key without a policy. */
MUST_CHECK bool signing_open(const struct call *call, struct gitstore *store,
                             const struct plan *plan, const char *folder, struct signing *out,
                             struct error *err);
/* Who signs an approval of this policy. */
MUST_CHECK bool signing_approver(const struct call *call, struct gitstore *store,
                                 const struct approval_policy *policy, struct signing_key *out,
                                 struct error *err);
/* The files of `approvals` are as the plan pins them; revoked_keys may have grown. ERROR_STALE. */
MUST_CHECK bool signing_same(const struct plan *plan, const struct config *config,
                             const char *folder, const char *words, struct error *err);
