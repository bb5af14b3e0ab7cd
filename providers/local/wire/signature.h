/* Checks the SigV4 signature of a request: pure, with the clock and the keys given. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/local/state/state.h"
#include "schemas/base/language.h"
#include "schemas/base/secret.h"

#define SIGNATURE_LIFE_MS (15 * 60 * 1000)

enum api_error {
#define API_ERROR(symbol, code, status) API_ERROR_##symbol,
#include "providers/local/wire/api_errors.def"
#undef API_ERROR
};
const char *api_error_code(enum api_error error);
unsigned api_error_status(enum api_error error);

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

struct refusal {
    enum api_error error;
    char *message;
};
bool refuse(struct refusal *refusal, enum api_error error, const char *format, ...)
    PRINTF_LIKE(3, 4);
void refusal_clear(struct refusal *refusal);
AUTO_VALUE(struct refusal, refusal_clear)

/* Only what was meant for this machine is served: a page in a browser whose name was made to lead
 * here (DNS rebinding) says its own name. The port may be that of a forwarder. */
MUST_CHECK bool host_check(const struct pairs *headers, struct refusal *refusal);
MUST_CHECK bool signature_check(const struct signed_request *request, const char *access_key_id,
                                const struct secret *secret_key, int64_t now_ms, struct signer *out,
                                struct refusal *refusal);
