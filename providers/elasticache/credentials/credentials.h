/* Who signs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/elasticache/endpoint.h"
#include "providers/elasticache/http.h"
#include "providers/elasticache/settings.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/secret.h"

struct credentials {
    char *access_key_id;
    struct secret *secret_key, *session_token; /* no token: NULL */
    int64_t expires_at_ms;                     /* 0: nobody said that they end */
};

struct credential_lookup {
    const struct settings *settings;
    struct http *http;
    const char *region; /* that signatures for STS name */
    const struct endpoint *sts;
    int64_t deadline_mono_ms;
    /* For a source_profile: only what stands in the profile counts, and the profiles on the way
     * here may not come again. */
    const struct strings *through;
};

/* Asks the sources of chain.def. ERROR_CREDENTIALS: nothing found (says where it looked), or the
 * source that is configured gives nothing (says which, and what to do). */
MUST_CHECK bool credentials_find(const struct credential_lookup *lookup, struct credentials *out,
                                 struct error *err);
bool credentials_same(const struct credentials *left, const struct credentials *right);
/* The region that this instance is in, by its metadata; false when nobody tells. */
bool instance_region(const struct credential_lookup *lookup, char **out);
void credentials_clear(struct credentials *credentials);
AUTO_VALUE(struct credentials, credentials_clear)
