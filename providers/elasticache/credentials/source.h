/* One place that may hold credentials, and what several of them share. */
#pragma once

#include <stdbool.h>

#include "providers/elasticache/credentials/credentials.h"
#include "schemas/base/strings.h"
#include "schemas/json/json.h"

enum source_answer { SOURCE_EMPTY, SOURCE_FOUND, SOURCE_BROKEN }; /* broken: err says how */

struct credential_source {
    enum source_answer (*look)(const struct credential_lookup *lookup, struct credentials *out,
                               struct error *err);
};

#define CREDENTIAL_SOURCE(id, where) extern const struct credential_source credential_source_##id;
#define CREDENTIAL_REFUSED(key, why, instead)
#include "providers/elasticache/credentials/chain.def"
#undef CREDENTIAL_REFUSED
#undef CREDENTIAL_SOURCE

/* The static keys of one section, for the sources that read files. */
enum source_answer source_static_keys(const struct profile_section *section, const char *path,
                                      struct credentials *out, struct error *err);
/* For any source: empty without an id, also where a secret is left over, as the AWS tools have it;
 * broken without a secret, or with a byte that could not stand in a header. */
enum source_answer source_pair(const char *where, const char *id, const char *secret,
                               const char *token, struct credentials *out, struct error *err);
/* ERROR_CREDENTIALS with "where: message" and a hint. */
enum source_answer source_broken(struct error *err, const char *where, const char *message,
                                 const char *hint);

/* The document that processes, containers and instances give; the token is called SessionToken or
 * Token. A document without a key or with an Expiration that cannot be read is broken. */
enum source_answer source_document(const char *where, const struct json *document,
                                   const char *token_key, struct credentials *out,
                                   struct error *err);
/* One GET, PUT or (method NULL) POST, without a proxy; an answer in JSON is parsed by source_json.
 * Tried again when nobody answers or the answer is 5xx. True for any other status. */
struct source_request {
    const char *where, *method, *url, *header; /* header: "Name: value", or NULL */
    const char *body;                          /* or NULL */
    bool through_proxy;
    int64_t timeout_ms;
    int attempts;
};
MUST_CHECK bool source_ask(const struct credential_lookup *lookup,
                           const struct source_request *request, struct http_answer *out,
                           struct error *err);
/* Parses and wipes the body. ERROR_CREDENTIALS. */
MUST_CHECK bool source_json(const char *where, struct http_answer *answer, struct json **out,
                            struct error *err);

/* AssumeRole signed by `signer`, or AssumeRoleWithWebIdentity with `token` and no signature. */
struct role_request {
    const char *role, *session, *external_id, *duration;
    const struct credentials *signer;
    const char *token;
};
enum source_answer source_role(const struct credential_lookup *lookup, const char *where,
                               const struct role_request *request, struct credentials *out,
                               struct error *err);
