/* What a TLS connection to a server needs, read once: whom to trust, and who we are. */
#pragma once

#include "schemas/base/error.h"
#include "schemas/base/language.h"

struct redis_tls;

struct redis_tls_files {     /* NULL: not given */
    const char *ca_file;     /* PEM; else the authorities that this machine trusts */
    const char *cert_file;   /* PEM, the chain of the client's certificate */
    const char *key_file;    /* PEM, its key; without a pass phrase */
    const char *server_name; /* that the certificate must carry; else the host of the address */
};

/* ERROR_CONFIG: a file that cannot be read, or a key of another certificate. */
MUST_CHECK bool redis_tls_new(const struct redis_tls_files *files, struct redis_tls **out,
                              struct error *err);
void redis_tls_free(struct redis_tls *tls);
AUTO_POINTER(struct redis_tls, redis_tls_free)
