/* Checks the SigV4 signature of a request: pure, with the clock and the keys given. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/local/wire/refusal.h"
#include "schemas/base/language.h"
#include "schemas/base/secret.h"
#include "schemas/json/pairs.h"

#define SIGNATURE_LIFE_MS (15 * 60 * 1000)

struct signed_request {
    const char *method, *path, *query;
    const struct pairs *headers; /* names in any case */
    const void *body;
    size_t body_length;
};

struct signer {
    char *region, *service; /* of the credential scope */
};
void signer_clear(struct signer *signer);
AUTO_VALUE(struct signer, signer_clear)

/* Only what was meant for this machine is served: a page in a browser whose name was made to lead
 * here (DNS rebinding) says its own name. The port may be that of a forwarder. */
MUST_CHECK bool host_check(const struct pairs *headers, struct refusal *refusal);
MUST_CHECK bool signature_check(const struct signed_request *request, const char *access_key_id,
                                const struct secret *secret_key, int64_t now_ms, struct signer *out,
                                struct refusal *refusal);
