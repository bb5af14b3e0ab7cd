#include "cmd/migration/signing.h"

#include <string.h>

#include "providers/observe/observe.h"
#include "schemas/base/memory.h"
#include "schemas/journal/records.h"

void signing_close(struct signing *signing) {
    approval_policy_clear(&signing->policy);
    signing_key_clear(&signing->entries);
    signing_key_clear(&signing->approvals);
}

bool signing_policy(const struct plan *plan, const char *folder, struct approval_policy *out,
                    struct error *err) {
    return approval_policy_of(plan, out, err) &&
           (!folder || approval_policy_look(out, folder, err));
}

/* NULL when none is named; the caller frees. */
static char *key_of(const struct call *call, struct gitstore *store) {
    const char *given = options_string(call->options, "sign-with");
    return given ? xstrdup(given) : gitstore_signing_key(store);
}

static bool no_key(const struct approval_policy *policy, const char *what, struct error *err) {
    error_set(err, ERROR_CREDENTIALS, "%s must be signed by a key of '%s'", what, policy->file);
    return error_hint(err, "name the key: --sign-with KEY, or git config user.signingkey with "
                           "gpg.format ssh; see 'ecmig help approvals'");
}

static bool no_policy(const struct call *call, struct error *err) {
    if (!options_string(call->options, "sign-with"))
        return true;
    error_set(err, ERROR_USAGE, "--sign-with has no effect on this plan");
    return error_hint(err, "the migration file says whose signatures count: "
                           "approvals.allowed_signers; see 'ecmig help approvals'");
}

bool signing_approver(const struct call *call, struct gitstore *store,
                      const struct approval_policy *policy, struct signing_key *out,
                      struct error *err) {
    if (!policy->file)
        return no_policy(call, err);
    AUTO(string_free) char *key = key_of(call, store);
    if (!key)
        return no_key(policy, "an approval of this plan", err);
    return signing_key_open(policy, key, options_string(call->options, "sign-as"), SIGNED_APPROVAL,
                            out, err);
}

bool signing_open(const struct call *call, struct gitstore *store, const struct plan *plan,
                  const char *folder, struct signing *out, struct error *err) {
    const char *name = options_string(call->options, "sign-as");
    const char *given = options_string(call->options, "sign-with");
    AUTO(error_clear) struct error not_ours = { 0 };
    if (!signing_policy(plan, folder, &out->policy, err))
        return false;
    const struct approval_policy *policy = &out->policy;
    if (!policy->file)
        return no_policy(call, err);
    AUTO(string_free) char *key = policy->sign_entries ? key_of(call, store) : xstrdup(given);
    if (!key)
        return !policy->sign_entries || no_key(policy, "the entries of this run", err);
    if (!signing_key_open(policy, key, name, SIGNED_ENTRY, &out->entries, err))
        return false;
    /* A key may be allowed to sign entries alone. */
    return policy->not_by_applier ||
           signing_key_open(policy, key, name, SIGNED_APPROVAL, &out->approvals, &not_ours) ||
           not_ours.code == ERROR_CREDENTIALS || (error_move(err, &not_ours), false);
}

bool signing_same(const struct plan *plan, const struct config *config, const char *folder,
                  const char *words, struct error *err) {
    AUTO(observed_clear) struct observed seen = { 0 };
    AUTO(approval_policy_clear) struct approval_policy was = { 0 };
    AUTO(text_clear) struct text is = TEXT_PAGE;
    if (!approval_policy_of(plan, &was, err))
        return false;
    observe_signers(&config->approvals, folder, &seen.signers);
    for (size_t i = 0; i < seen.signers.allowed.count; i++)
        text_addf(&is, "%s\n", seen.signers.allowed.items[i]);
    if (strcmp(was.allowed ? was.allowed : "", text_string(&is)) == 0)
        return true;
    error_set(err, ERROR_STALE, "'%s' changed since the open run was planned",
              was.file ? was.file : config->approvals.allowed_signers);
    return error_hint(err,
                      "restore the file, plan the rest and approve that plan (ecmig plan %s), or "
                      "abort the migration (ecmig abort %s)",
                      words, words);
}
