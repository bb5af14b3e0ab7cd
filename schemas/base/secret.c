#include "schemas/base/secret.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

struct secret {
    size_t length;
    char bytes[];
};

struct secret *secret_new(const void *bytes, size_t length) {
    struct secret *secret = xcalloc(1, sizeof *secret + length + 1);
    secret->length = length;
    if (length)
        memcpy(secret->bytes, bytes, length);
    return secret;
}

const char *secret_bytes(const struct secret *secret) {
    return secret->bytes;
}

size_t secret_length(const struct secret *secret) {
    return secret->length;
}

void secret_wipe(void *bytes, size_t length) {
    if (bytes)
        OPENSSL_cleanse(bytes, length);
}

void secret_free(struct secret *secret) {
    if (!secret)
        return;
    OPENSSL_cleanse(secret->bytes, secret->length);
    free(secret);
}
