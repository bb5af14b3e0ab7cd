/* How a group is protected, in the words of plans, records and hooks. */
#pragma once

#include "schemas/observed/observed.h"

#define TLS_OFF "off"
#define TLS_PREFERRED "preferred"
#define TLS_REQUIRED "required"
#define AUTH_NONE "none"
#define AUTH_TOKEN "token"
/* Where both logging in with the token and not logging in are accepted, the service says "token" as
 * well: no description tells the two apart. */
#define AUTH_TOKEN_REQUIRED "token-required"
#define AUTH_USER_GROUP "user-group:" /* and its id, or several with commas between */
#define DURABILITY_OFF "disabled"

/* off, preferred or required. A group with TLS and no mode was made before there were modes. */
const char *protection_tls(const struct observed_target *target);
/* none, token or user-group:ID; the caller frees. */
char *protection_auth(const struct observed_target *target);
/* disabled, async or sync. */
const char *protection_durability(const struct observed_target *target);
/* How far TLS goes: 0 for off, 1, 2; -1 for another word. */
int protection_rank(const char *tls);
