#include "schemas/base/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

#define SECURE_HEAP_BYTES ((size_t)256 << 10) /* a power of two, as the heap demands */
#define SECURE_BLOCK_BYTES ((size_t)16)
#define MASKED_BYTES_MINIMUM ((size_t)4) /* a shorter one stands in many a word */

struct secret {
    struct secret *next; /* of those alive */
    size_t length;
    char bytes[];
};

/* Every secret that is alive, for secrets_mask. */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct secret *alive;

/* Memory that is locked and in no core dump, as far as the limits of the user allow. */
static void *secure_bytes(size_t length) {
    if (!CRYPTO_secure_malloc_initialized())
        (void)CRYPTO_secure_malloc_init(SECURE_HEAP_BYTES, SECURE_BLOCK_BYTES);
    void *bytes = OPENSSL_secure_zalloc(length);
    return bytes ? bytes : OPENSSL_zalloc(length);
}

struct secret *secret_new(const void *bytes, size_t length) {
    (void)pthread_mutex_lock(&guard);
    struct secret *secret = secure_bytes(sizeof *secret + length + 1);
    if (!secret)
        abort();
    secret->length = length;
    if (length)
        memcpy(secret->bytes, bytes, length);
    secret->next = alive;
    alive = secret;
    (void)pthread_mutex_unlock(&guard);
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
    size_t size = sizeof *secret + secret->length + 1;
    (void)pthread_mutex_lock(&guard);
    for (struct secret **at = &alive; *at; at = &(*at)->next)
        if (*at == secret) {
            *at = secret->next;
            break;
        }
    OPENSSL_secure_clear_free(secret, size);
    (void)pthread_mutex_unlock(&guard);
}

static size_t hide(char *bytes, size_t length, const char *needle, size_t size) {
    static const char mask[] = "***";
    const size_t mask_size = sizeof mask - 1;
    if (size < MASKED_BYTES_MINIMUM)
        return length;
    for (char *at = bytes; (at = memmem(at, length - (size_t)(at - bytes), needle, size));) {
        memcpy(at, mask, mask_size);
        at += mask_size;
        length -= size - mask_size;
        memmove(at, at + size - mask_size, length - (size_t)(at - bytes));
    }
    return length;
}

/* As it stands within the base64 of a longer text: it may begin at each of three places of a group,
 * and the digits that it shares with its neighbors are left out. */
static size_t hide_base64(char *bytes, size_t length, const char *secret, size_t size) {
    for (size_t shift = 0; shift < 3; shift++) {
        size_t padded = shift + size, whole = padded / 3 * 4;
        unsigned char *plain = xcalloc(padded + 1, 1);
        char *code = xcalloc(whole + 8, 1);
        memcpy(plain + shift, secret, size);
        (void)EVP_EncodeBlock((unsigned char *)code, plain, (int)padded);
        size_t skip = shift ? shift + 1 : 0;
        size_t end = padded / 3 * 4 + padded % 3;
        if (end > skip)
            length = hide(bytes, length, code + skip, end - skip);
        for (size_t i = 0; i < end; i++) /* the alphabet of URLs */
            code[i] = code[i] == '+' ? '-' : code[i] == '/' ? '_' : code[i];
        if (end > skip)
            length = hide(bytes, length, code + skip, end - skip);
        OPENSSL_cleanse(plain, padded);
        OPENSSL_cleanse(code, whole);
        free(plain);
        free(code);
    }
    return length;
}

static bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("-._~", c);
}

static size_t hide_url_encoded(char *bytes, size_t length, const char *secret, size_t size) {
    static const char *const digits[] = { "0123456789ABCDEF", "0123456789abcdef" };
    for (size_t form = 0; form < COUNT(digits); form++) {
        char *code = xcalloc(3 * size + 1, 1);
        size_t at = 0;
        for (size_t i = 0; i < size; i++) {
            unsigned char byte = (unsigned char)secret[i];
            if (secret[i] && is_unreserved(secret[i])) {
                code[at++] = secret[i];
            } else {
                code[at++] = '%';
                code[at++] = digits[form][byte >> 4];
                code[at++] = digits[form][byte & 15];
            }
        }
        length = hide(bytes, length, code, at);
        OPENSSL_cleanse(code, 3 * size);
        free(code);
    }
    return length;
}

size_t secret_mask(char *bytes, size_t length, const char *secret, size_t size) {
    if (!bytes || size < MASKED_BYTES_MINIMUM)
        return length;
    length = hide(bytes, length, secret, size);
    length = hide_base64(bytes, length, secret, size);
    length = hide_url_encoded(bytes, length, secret, size);
    bytes[length] = '\0';
    return length;
}

size_t secrets_mask(char *bytes, size_t length) {
    (void)pthread_mutex_lock(&guard);
    for (const struct secret *secret = alive; secret; secret = secret->next)
        length = secret_mask(bytes, length, secret->bytes, secret->length);
    (void)pthread_mutex_unlock(&guard);
    return length;
}

bool secrets_include(const char *value) {
    bool found = false;
    size_t size = strlen(value);
    (void)pthread_mutex_lock(&guard);
    for (const struct secret *secret = alive; secret && !found; secret = secret->next)
        found = size >= MASKED_BYTES_MINIMUM && secret->length == size &&
                CRYPTO_memcmp(secret->bytes, value, size) == 0;
    (void)pthread_mutex_unlock(&guard);
    return found;
}
