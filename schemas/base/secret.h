/* A password or key. Its memory is locked and left out of core dumps as far as the user's limits
 * allow (OpenSSL's secure heap), and wiped when freed. It has no function that prints, hashes or
 * copies it anywhere but into the one call that needs the bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/language.h"

struct secret; /* opaque, so that no formatter can reach it */

struct secret *secret_new(const void *bytes, size_t length);
const char *
secret_bytes(const struct secret *secret); /* ends with NUL; do not keep, print or store */
size_t secret_length(const struct secret *secret);
void secret_wipe(void *bytes, size_t length); /* for buffers that held one */
void secret_free(struct secret *secret);
AUTO_POINTER(struct secret, secret_free)

/* Replaces a secret by ***, in place and in every form: as it is, in base64 (of either
 * alphabet, also in the middle of a longer text) and URL-encoded. One of fewer than four bytes is
 * left alone: it stands in many a word. `bytes` has room for a NUL behind `length`; the new length.
 */
size_t secret_mask(char *bytes, size_t length, const char *secret, size_t size);
/* The same for every secret of this process that is alive. */
size_t secrets_mask(char *bytes, size_t length);
/* Is it the value of one of them? */
bool secrets_include(const char *value);
