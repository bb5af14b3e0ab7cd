/* The login that `aws sso login` left in the cache, renewed where it can be. */
#pragma once

#include "providers/elasticache/credentials/source.h"

struct sso {
    const char *name; /* what the cache file is called after */
    const char *region, *account, *role;
    bool renews; /* logins of an sso-session can be renewed, those of a bare start URL cannot */
};

/* Near its end the login is renewed, and written back for the other tools, which is not a
 * condition: what was given counts. `login` is the hint when only a person can help. */
enum source_answer sso_token(const struct credential_lookup *lookup, const char *where,
                             const struct sso *sso, const char *login, struct secret **out,
                             struct error *err);
/* Of "sso" or "sso_oidc": where the settings say, or else in the login's region. */
MUST_CHECK bool sso_endpoint(const struct settings *settings, const char *service,
                             const char *host_label, const char *region, struct endpoint *out,
                             struct error *err);
