/* A request body and its Authorization header, as anybody on the machine may send them. */
#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/sigv4.h"
#include "providers/local/wire/form.h"
#include "providers/local/wire/signature.h"
#include "schemas/base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(form_clear) struct pairs form = { 0 };
    AUTO(form_clear) struct pairs headers = { 0 };
    AUTO(signer_clear) struct signer signer = { 0 };
    AUTO(refusal_clear) struct refusal refusal = { 0 };
    AUTO(secret_free) struct secret *key = secret_new("key", 3);
    const uint8_t *split = length ? memchr(bytes, '\n', length) : NULL;
    size_t first = split ? (size_t)(split - bytes) : length;
    AUTO(string_free) char *authorization = xstrndup((const char *)bytes, first);
    pairs_set(&headers, "Authorization", authorization);
    pairs_set(&headers, "X-Amz-Date", "20261122T101500Z");
    pairs_set(&headers, "Host", authorization);
    AUTO(refusal_clear) struct refusal elsewhere = { 0 };
    (void)host_check(&headers, &elsewhere);
    AUTO(string_free) char *path = sigv4_canonical_path(authorization);
    AUTO(string_free) char *again = sigv4_canonical_path(path);
    if (path[0] != '/' || (!strchr(path, '%') && strcmp(path, again) != 0))
        abort(); /* what needs no encoding is canonical after the first time */
    if (form_parse((const char *)bytes + first, length - first, &form))
        (void)form_member(&form, "Tags.Tag", 1, "Key");
    struct signed_request request = { "POST", "/", "", &headers, bytes + first, length - first };
    if (signature_check(&request, "ID", key, 1795342500000, &signer, &refusal))
        abort(); /* nothing signs the host here */
    return 0;
}
