/* Whose approvals and entries count: what `approvals` of the migration file says, with the files
 * that it names, as a plan pins it. And the key by which this process signs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/signature/signature.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/text.h"
#include "schemas/plan/plan.h"

struct approval_policy_claim {
    const char *purpose, *signer, *armored;
    const char *statement; /* the bytes that are signed */
};

struct approval_policy {
    char *file;         /* approvals.allowed_signers, for people; NULL: push rights are enough */
    char *allowed;      /* its lines */
    char *revoked_file; /* or NULL */
    struct text revoked, revoked_now; /* as the plan pins it, and as it is: either counts */
    int64_t minimum;
    bool not_by_applier, sign_entries;
};
MUST_CHECK bool approval_policy_of(const struct plan *plan, struct approval_policy *out,
                                   struct error *err);
/* What the migration file and the files that it names say now. By a file that cannot be read nobody
 * counts. */
void approval_policy_of_file(const struct config_approvals *wanted, const char *config_folder,
                             struct approval_policy *out);
/* What is revoked now, as `keys` (of the migration file; may be NULL) says it. */
void approval_policy_hear(struct approval_policy *policy, const struct approval_policy *keys);
/* Reads revoked_file again, from the folder of the migration file: a key that is revoked while a
 * run is open no longer counts. Without it, only what the plan pins. */
MUST_CHECK bool approval_policy_look(struct approval_policy *policy, const char *config_folder,
                                     struct error *err);
void approval_policy_clear(struct approval_policy *policy);
AUTO_VALUE(struct approval_policy, approval_policy_clear)

/* When a signature is judged. A document states its own time, which its signer can choose:
 * for what lies ahead a key must be valid now. */
struct approval_policy_moment {
    int64_t at_ms;    /* the key must be valid then; 0: now */
    bool revoked_now; /* what was revoked since the plan was made counts, too */
};
extern const struct approval_policy_moment approval_policy_now;
/* Of approvals that an open run relied on at a time on record, when it is resumed. Signed entries
 * vouch for that time. Inside an open cutover it is kept to as well: a key that expires there must
 * not keep anybody from settling it. */
struct approval_policy_moment approval_policy_resumed(const struct approval_policy *policy,
                                                      int64_t at_ms, bool in_cutover);

/* As ssh_signature_check, of a signature on `document` (signed_statement) for `purpose`. */
MUST_CHECK bool approval_policy_check(const struct approval_policy *policy,
                                      const struct approval_policy_claim *claim,
                                      struct approval_policy_moment when,
                                      struct signature_seen *out, struct error *err);
/* Why a signature does not count: "the key … is revoked". The caller frees. */
char *approval_policy_words(const struct approval_policy *policy, const struct signature_seen *seen,
                            const char *signer);

struct signing_key {
    char *key;   /* as ssh_signature_make takes it; NULL: nothing is signed */
    char *name;  /* the principal that it stands for */
    char *print; /* "ED25519 SHA256:…" */
};
/* `name` may be NULL: then the policy says whose key it is. ERROR_CREDENTIALS unless the policy
 * lets this key sign for `purpose`. */
MUST_CHECK bool signing_key_open(const struct approval_policy *policy, const char *key,
                                 const char *name, const char *purpose, struct signing_key *out,
                                 struct error *err);
void signing_key_clear(struct signing_key *signer);
AUTO_VALUE(struct signing_key, signing_key_clear)
/* A document of the record: adds `signer` and `signature`. */
MUST_CHECK bool signing_key_sign(const struct signing_key *signer, const char *purpose,
                                 struct json *document, struct error *err);
