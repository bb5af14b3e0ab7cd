/* AWS Signature Version 4, pure: no clock, no environment, nothing but schemas/base.
 *
 * A client takes sigv4_authorization(). A server that checks a signature rebuilds the same three
 * texts out of what it received: sigv4_canonical_request() with only the headers named in
 * SignedHeaders, sigv4_string_to_sign(), sigv4_signature(). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "schemas/base/digest.h"
#include "schemas/base/language.h"
#include "schemas/base/secret.h"

#define SIGV4_ALGORITHM "AWS4-HMAC-SHA256"

struct sigv4_header {
    const char *name, *value; /* any case, any blanks: both are made canonical here */
};

struct sigv4_request {
    const char *method, *path, *query;  /* path and query are canonical already; query may be "" */
    const struct sigv4_header *headers; /* those to be signed, in any order */
    size_t header_count;
    const void *body;
    size_t body_length;
};

struct sigv4_scope {
    const char *time; /* 20260301T100000Z, the value of X-Amz-Date */
    const char *region, *service;
};

/* The callers free the strings. */
/* The path of a request as it is signed: each byte but the unreserved ones encoded (so that what
 * was encoded already is so twice), no empty, `.` and `..` segments; "/" at least. */
char *sigv4_canonical_path(const char *path);
char *sigv4_canonical_request(const struct sigv4_request *request);
char *sigv4_signed_headers(const struct sigv4_request *request); /* "content-type;host" */
char *sigv4_string_to_sign(const struct sigv4_scope *scope, const char *canonical_request);
void sigv4_signature(const struct secret *secret_key, const struct sigv4_scope *scope,
                     const char *string_to_sign, char out[DIGEST_HEX_BYTES]);

/* The whole value of the Authorization header. */
char *sigv4_authorization(const struct sigv4_request *request, const struct sigv4_scope *scope,
                          const char *access_key_id, const struct secret *secret_key);
