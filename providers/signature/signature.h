/* SSH signatures (PROTOCOL.sshsig of OpenSSH), made and checked by ssh-keygen: a key file, an agent
 * or a token in hardware signs, and an allowed_signers file says whose signatures count. Nothing is
 * ever asked of a terminal: a key with a passphrase belongs into an agent. Every run of ssh-keygen
 * has a deadline, and no secret passes through here.
 *
 * Times in allowed_signers without a zone are UTC, so that every machine reads them alike. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"

#define SIGNATURE_CEILING_BYTES ((size_t)16 << 10)

struct signature_message {
    const char *purpose; /* the namespace: a signature made for another is refused */
    const void *bytes;
    size_t length;
};

/* `key` is the path of a private or public key, or a public key itself ("ssh-ed25519 AAAA…",
 * "key::ssh-ed25519 AAAA…"), as git's user.signingkey has it; with a public one the agent of
 * SSH_AUTH_SOCK signs. *armored is the signature as text; the caller frees. ERROR_CREDENTIALS,
 * ERROR_NOT_FOUND (no ssh-keygen), ERROR_DEADLINE. */
MUST_CHECK bool ssh_signature_make(const char *key, const struct signature_message *message,
                                   char **armored, struct error *err);

struct signature_trust {
    const char *allowed; /* lines of an allowed_signers file */
    const void *revoked; /* keys, or a KRL; NULL: none */
    size_t revoked_length;
};

enum signature_verdict {
    SIGNATURE_GOOD,
    SIGNATURE_MALFORMED, /* not one of this message and purpose */
    SIGNATURE_UNKNOWN,   /* its key does not stand for that signer, that purpose or that time */
    SIGNATURE_REVOKED,
};

struct signature_claim {
    const char *signer; /* the principal that it is said to be of */
    const char *armored;
    int64_t at_ms; /* the key must be valid then; 0: now */
};

struct signature_seen {
    enum signature_verdict verdict;
    char *key; /* "ED25519 SHA256:…", of what signed; NULL when malformed */
    char *why; /* in the words of ssh-keygen; NULL when good or when it gives none */
};
void signature_seen_clear(struct signature_seen *seen);
AUTO_VALUE(struct signature_seen, signature_seen_clear)

/* False only when it could not look: ERROR_NOT_FOUND, ERROR_DEADLINE, ERROR_IO. */
MUST_CHECK bool ssh_signature_check(const struct signature_trust *trust,
                                    const struct signature_claim *claim,
                                    const struct signature_message *message,
                                    struct signature_seen *out, struct error *err);
/* The principals that the key of a signature stands for; none is fine. Patterns stay as they are.
 */
MUST_CHECK bool ssh_signature_principals(const struct signature_trust *trust, const char *armored,
                                         struct strings *out, struct error *err);
