/* Who signs. */
#pragma once

#include <stdbool.h>

#include "providers/elasticache/settings.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/secret.h"

struct credentials {
    char *access_key_id;
    struct secret *secret_key, *session_token; /* no token: NULL */
};

/* Asks the sources of chain.def. ERROR_CREDENTIALS: nothing found (says where it looked), a half
 * pair, or a kind that is not supported yet. */
MUST_CHECK bool credentials_find(const struct settings *settings, struct credentials *out,
                                 struct error *err);
bool credentials_same(const struct credentials *left, const struct credentials *right);
void credentials_clear(struct credentials *credentials);
AUTO_VALUE(struct credentials, credentials_clear)
