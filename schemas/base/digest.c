#include "schemas/base/digest.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "schemas/base/memory.h"

#define KEY_CEILING_BYTES ((size_t)16 << 10) /* RSA of 16384 bits takes 2732 */

void digest_sha256(const void *bytes, size_t length, uint8_t out[DIGEST_BYTES]) {
    if (EVP_Digest(bytes, length, out, NULL, EVP_sha256(), NULL) != 1)
        abort();
}

void digest_sha256_hex(const void *bytes, size_t length, char out[DIGEST_HEX_BYTES]) {
    uint8_t digest[DIGEST_BYTES];
    digest_sha256(bytes, length, digest);
    digest_hex(digest, sizeof digest, out);
}

void digest_sha1_hex(const void *bytes, size_t length, char out[41]) {
    uint8_t digest[20];
    if (EVP_Digest(bytes, length, digest, NULL, EVP_sha1(), NULL) != 1)
        abort();
    digest_hex(digest, sizeof digest, out);
}

void digest_hmac(const void *key, size_t key_length, const void *bytes, size_t length,
                 uint8_t out[DIGEST_BYTES]) {
    if (key_length > INT_MAX || !HMAC(EVP_sha256(), key, (int)key_length, bytes, length, out, NULL))
        abort();
}

void digest_hex(const uint8_t *bytes, size_t length, char *out) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * length] = '\0';
}

char *digest_key_print(const char *base64, size_t length) {
    uint8_t digest[DIGEST_BYTES];
    char print[4 * DIGEST_BYTES];
    if (!length || length % 4 || length > KEY_CEILING_BYTES || memchr(base64, '=', length - 2))
        return NULL;
    uint8_t *bytes = xcalloc(length, 1);
    int decoded = EVP_DecodeBlock(bytes, (const uint8_t *)base64, (int)length);
    int padding = (base64[length - 1] == '=') + (base64[length - 2] == '=');
    if (decoded > padding)
        digest_sha256(bytes, (size_t)(decoded - padding), digest);
    free(bytes);
    if (decoded <= padding)
        return NULL;
    (void)EVP_EncodeBlock((uint8_t *)print, digest, DIGEST_BYTES);
    print[strcspn(print, "=")] = '\0';
    return xasprintf("SHA256:%s", print);
}

void random_bytes(void *out, size_t length) {
    uint8_t *at = out;
    while (length) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0)
            abort();
        at += got;
        length -= (size_t)got;
    }
}

char *random_hex(size_t byte_count) {
    uint8_t *bytes = xcalloc(byte_count, 1);
    random_bytes(bytes, byte_count);
    char *hex = xcalloc(2 * byte_count + 1, 1);
    digest_hex(bytes, byte_count, hex);
    free(bytes);
    return hex;
}
