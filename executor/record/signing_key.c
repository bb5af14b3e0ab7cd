#include <stdlib.h>
#include <string.h>

#include "executor/record/approval_policy.h"
#include "schemas/base/memory.h"
#include "schemas/journal/records.h"
#include "schemas/json/json.h"

static bool name_of(const struct approval_policy *policy, const char *key, const char *armored,
                    char **out, struct error *err) {
    AUTO(strings_clear) struct strings names = { 0 };
    const struct signature_trust trust = { .allowed = policy->allowed };
    if (!ssh_signature_principals(&trust, armored, &names, err))
        return false;
    if (!names.count) {
        error_set(err, ERROR_CREDENTIALS, "'%s' does not name the key '%s'", policy->file, key);
        return error_hint(err,
                          "sign with a key that it names, or add the key there and plan again");
    }
    if (names.count > 1 || strpbrk(names.items[0], "*?!")) {
        AUTO(string_free) char *all = strings_join(&names, ", ");
        error_set(err, ERROR_CREDENTIALS, "the key '%s' belongs to more than one name: %s", key,
                  all);
        return error_hint(err, "say which one signs: --sign-as NAME");
    }
    *out = xstrdup(names.items[0]);
    return true;
}

/* A signature of nothing shows whose key it is, and that the policy takes it, before anything is
 * done that needs one. */
bool signing_key_open(const struct approval_policy *policy, const char *key, const char *name,
                      const char *purpose, struct signing_key *out, struct error *err) {
    AUTO(string_free) char *armored = NULL;
    AUTO(signing_key_clear)
    struct signing_key signer = { .key = xstrdup(key), .name = xstrdup(name) };
    AUTO(signature_seen_clear) struct signature_seen seen = { 0 };
    const struct signature_message nothing = { purpose, "", 0 };
    if (!ssh_signature_make(key, &nothing, &armored, err) ||
        (!name && !name_of(policy, key, armored, &signer.name, err)))
        return false;
    const struct approval_policy_claim claim = { purpose, signer.name, armored, "" };
    if (!approval_policy_check(policy, &claim, approval_policy_now, &seen, err))
        return false;
    if (seen.verdict != SIGNATURE_GOOD) {
        AUTO(string_free) char *why = approval_policy_words(policy, &seen, signer.name);
        return error_set(err, ERROR_CREDENTIALS, "a signature by '%s' as %s does not count: %s",
                         signer.name, purpose, why);
    }
    signer.print = xstrdup(seen.key);
    *out = MOVE(signer);
    return true;
}

void signing_key_clear(struct signing_key *signer) {
    if (!signer)
        return;
    free(signer->key);
    free(signer->name);
    free(signer->print);
    *signer = (struct signing_key){ 0 };
}

bool signing_key_sign(const struct signing_key *signer, const char *purpose, struct json *document,
                      struct error *err) {
    AUTO(string_free) char *armored = NULL;
    json_put_string(document, "signer", signer->name);
    AUTO(string_free) char *statement = signed_statement(document);
    const struct signature_message message = { purpose, statement, strlen(statement) };
    if (!ssh_signature_make(signer->key, &message, &armored, err))
        return false;
    json_put_string(document, "signature", armored);
    return true;
}
