/* SHA-256, HMAC-SHA-256, hexadecimal and random bytes, over OpenSSL. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES 32
#define DIGEST_HEX_BYTES 65 /* 64 digits and a NUL */

void digest_sha256(const void *bytes, size_t length, uint8_t out[DIGEST_BYTES]);
void digest_sha256_hex(const void *bytes, size_t length, char out[DIGEST_HEX_BYTES]);
/* SHA-1, only for the file names that other tools make with it; 40 digits and a NUL. */
void digest_sha1_hex(const void *bytes, size_t length, char out[41]);
void digest_hmac(const void *key, size_t key_length, const void *bytes, size_t length,
                 uint8_t out[DIGEST_BYTES]);
void digest_hex(const uint8_t *bytes, size_t length, char *out); /* 2 * length digits and a NUL */
/* "SHA256:…" of a public key in base64, as ssh-keygen prints it; NULL: not base64, or longer than
 * any key. The caller frees. */
char *digest_key_print(const char *base64, size_t length);
void random_bytes(void *out, size_t length); /* from the kernel; aborts without */
char *random_hex(size_t byte_count);         /* the caller frees */
