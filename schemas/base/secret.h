/* A password or key. It is wiped when freed and has no function that prints, hashes or copies it
 * anywhere but into the one call that needs the bytes. */
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
