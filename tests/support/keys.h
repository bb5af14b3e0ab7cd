/* Stand-ins for what hands out credentials, and what was signed with them. */
#pragma once

#include "providers/elasticache/elasticache.h"
#include "tests/support/aws.h"
#include "tests/support/responder.h"

#define IN_2099 "2099-01-01T00:00:00Z"
#define STS_KEYS(id)                                                                               \
    "<Credentials><AccessKeyId>" id "</AccessKeyId><SecretAccessKey>secret" id                     \
    "</SecretAccessKey><SessionToken>token" id "</SessionToken><Expiration>" IN_2099               \
    "</Expiration></Credentials>"
#define DOCUMENT(id, token, extra)                                                                 \
    "{\"AccessKeyId\":\"" id "\",\"SecretAccessKey\":\"secret" id "\",\"" token "\":\"token" id    \
    "\"" extra "}"
#define IDENTITY                                                                                   \
    AWS_ANSWER("GetCallerIdentity", "<Arn>arn:aws:iam::1:role/x</Arn><Account>1</Account>")

extern char *keys_folder; /* the home, for as long as the group of tests runs */
int keys_make_folder(void **state);
int keys_remove_folder(void **state);
void keys_put(const char *path, const char *content);
/* No keys but what `config` says; STS, SSO and the service are at `server` (NULL: as AWS has them).
 */
void keys_place(const char *config, const struct responder *server);
void keys_put_config(const char *config);
void keys_ask(struct elasticache *service); /* one signed call; fails the test when it cannot */
/* The request was signed with what a stand-in gave out for `id`. */
void keys_signed(const struct responder *server, size_t index, const char *id);
/* Opening gives ERROR_CREDENTIALS with these words. */
void keys_refused(const char *profile, const char *in_message, const char *in_hint);
