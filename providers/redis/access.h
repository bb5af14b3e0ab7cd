/* How servers that belong together are entered. */
#pragma once

#include "providers/redis/tls.h"
#include "schemas/base/secret.h"

struct redis_access {
    const struct redis_tls *tls;   /* NULL: plain */
    const char *username;          /* NULL: the default user */
    const struct secret *password; /* NULL: no AUTH */
};

/* What is needed of `access`, which may be NULL, towards servers that have TLS, and that ask for a
 * login. A password is sent in the clear to nobody who has TLS. */
static inline struct redis_access redis_access_for(const struct redis_access *access, bool tls,
                                                   bool login) {
    struct redis_access needed = { 0 };
    if (access && tls)
        needed.tls = access->tls;
    if (access && login && needed.tls) {
        needed.username = access->username;
        needed.password = access->password;
    }
    return needed;
}
