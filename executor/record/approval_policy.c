#include "executor/record/approval_policy.h"

#include <stdlib.h>
#include <string.h>

#include "providers/observe/observe.h"
#include "schemas/base/memory.h"
#include "schemas/journal/records.h"

static void add_facts(const struct json *facts, const char *path, struct text *out) {
    for (size_t i = 0;; i++) {
        AUTO(string_free) char *name = xasprintf("%s[%zu]", path, i);
        const char *line = json_find_string(facts, name);
        if (!line)
            return;
        text_addf(out, "%s\n", line);
    }
}

static int digit_value(char digit) {
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : digit >= 'a' && digit <= 'f' ? digit - 87
                                          : 0;
}

static void add_list(const char *digits, struct text *out) {
    for (; digits && digits[0] && digits[1]; digits += 2)
        text_add_char(out, (char)(digit_value(digits[0]) << 4 | digit_value(digits[1])));
}

static void add_revoked(const struct observed_signers *seen, struct text *out) {
    for (size_t i = 0; i < seen->revoked.count; i++)
        text_addf(out, "%s\n", seen->revoked.items[i]);
    add_list(seen->revocation_list, out);
}

static void take_settings(const struct config_approvals *wanted, const char *allowed,
                          struct approval_policy *out) {
    out->file = xstrdup(wanted->allowed_signers);
    out->revoked_file = xstrdup(wanted->revoked_keys);
    out->allowed = xstrdup(allowed);
    out->minimum = wanted->minimum > 1 ? wanted->minimum : 1;
    out->not_by_applier = wanted->not_by_applier;
    out->sign_entries = wanted->sign_entries || wanted->not_by_applier;
}

bool approval_policy_of(const struct plan *plan, struct approval_policy *out, struct error *err) {
    AUTO(config_clear) struct config config = { 0 };
    const struct json *facts = plan->core.observed.facts;
    AUTO(text_clear) struct text allowed = { 0 };
    if (!plan_config(plan, &config, err))
        return false;
    const struct config_approvals *wanted = &config.approvals;
    approval_policy_clear(out);
    if (!wanted->allowed_signers)
        return true;
    add_facts(facts, "signers.allowed", &allowed);
    add_facts(facts, "signers.revoked", &out->revoked);
    add_list(json_find_string(facts, "signers.revocation_list"), &out->revoked);
    take_settings(wanted, text_string(&allowed), out);
    return true;
}

void approval_policy_of_file(const struct config_approvals *wanted, const char *config_folder,
                             struct approval_policy *out) {
    AUTO(observed_signers_clear) struct observed_signers seen = { 0 };
    AUTO(text_clear) struct text allowed = { 0 };
    approval_policy_clear(out);
    if (!wanted->allowed_signers)
        return;
    observe_signers(wanted, config_folder, &seen);
    for (size_t i = 0; !seen.problem && i < seen.allowed.count; i++)
        text_addf(&allowed, "%s\n", seen.allowed.items[i]);
    add_revoked(&seen, &out->revoked);
    take_settings(wanted, text_string(&allowed), out);
}

void approval_policy_hear(struct approval_policy *policy, const struct approval_policy *keys) {
    if (!keys || !keys->file)
        return;
    text_reset(&policy->revoked_now);
    text_add_bytes(&policy->revoked_now, text_string(&keys->revoked), keys->revoked.length);
}

bool approval_policy_look(struct approval_policy *policy, const char *config_folder,
                          struct error *err) {
    AUTO(observed_signers_clear) struct observed_signers seen = { 0 };
    if (!policy->revoked_file)
        return true;
    const struct config_approvals files = { .allowed_signers = policy->file,
                                            .revoked_keys = policy->revoked_file };
    observe_signers(&files, config_folder, &seen);
    if (seen.problem)
        return error_set(err, ERROR_CONFIG, "the files of 'approvals' cannot be read: %s",
                         seen.problem);
    text_reset(&policy->revoked_now);
    add_revoked(&seen, &policy->revoked_now);
    return true;
}

void approval_policy_clear(struct approval_policy *policy) {
    if (!policy)
        return;
    free(policy->file);
    free(policy->allowed);
    free(policy->revoked_file);
    text_clear(&policy->revoked);
    text_clear(&policy->revoked_now);
    *policy = (struct approval_policy){ 0 };
}

static bool same_text(const struct text *left, const struct text *right) {
    return left->length == right->length &&
           memcmp(text_string(left), text_string(right), left->length) == 0;
}

static struct signature_trust trust_of(const struct approval_policy *policy,
                                       const struct text *revoked) {
    return (struct signature_trust){ .allowed = policy->allowed,
                                     .revoked = revoked->length ? revoked->bytes : NULL,
                                     .revoked_length = revoked->length };
}

const struct approval_policy_moment approval_policy_now = { 0, true };

struct approval_policy_moment approval_policy_resumed(const struct approval_policy *policy,
                                                      int64_t at_ms, bool in_cutover) {
    return in_cutover || policy->sign_entries ? (struct approval_policy_moment){ at_ms, true }
                                              : approval_policy_now;
}

bool approval_policy_check(const struct approval_policy *policy,
                           const struct approval_policy_claim *claim,
                           struct approval_policy_moment when, struct signature_seen *out,
                           struct error *err) {
    AUTO(signature_seen_clear) struct signature_seen seen = { 0 }, again = { 0 };
    const struct signature_trust pinned = trust_of(policy, &policy->revoked);
    const struct signature_trust current = trust_of(policy, &policy->revoked_now);
    const struct signature_claim said = { claim->signer, claim->armored, when.at_ms };
    const struct signature_message message = { claim->purpose, claim->statement,
                                               strlen(claim->statement) };
    bool twice = when.revoked_now && policy->revoked_now.length &&
                 !same_text(&policy->revoked, &policy->revoked_now);
    if (!ssh_signature_check(&pinned, &said, &message, &seen, err) ||
        (twice && seen.verdict == SIGNATURE_GOOD &&
         !ssh_signature_check(&current, &said, &message, &again, err)))
        return false;
    bool revoked = again.verdict != SIGNATURE_GOOD;
    *out = revoked ? again : seen;
    if (revoked)
        again = (struct signature_seen){ 0 };
    else
        seen = (struct signature_seen){ 0 };
    return true;
}

char *approval_policy_words(const struct approval_policy *policy, const struct signature_seen *seen,
                            const char *signer) {
    switch (seen->verdict) {
    case SIGNATURE_MALFORMED:
        return xstrdup("its signature does not match its content");
    case SIGNATURE_REVOKED:
        return xasprintf("the key %s is revoked", seen->key);
    case SIGNATURE_UNKNOWN:
        return xasprintf("'%s' does not allow the key %s to sign this for '%s' now%s%s",
                         policy->file, seen->key, signer, seen->why ? ": " : "",
                         seen->why ? seen->why : "");
    case SIGNATURE_GOOD:
        break;
    }
    return NULL;
}
