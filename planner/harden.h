/* What protects the target and what Online Migration refuses: TLS, users or a token, durability.
 * Steps before the migration take it away where target.after_cutover says that it comes back, steps
 * after the cutover bring it, and an abort gives back what was there.
 *
 * The order is the service's. TLS is not changed while a group has users or a token, and durability
 * needs TLS; so durability goes first, then users or token, then TLS from required by preferred to
 * off; and back in the opposite order. A token is removed only by way of a user group
 * (AuthTokenUpdateStrategy DELETE). Each change is a call of its own, applied immediately.
 * Source: AWS, ModifyReplicationGroup, in-transit-encryption-enable, auth, Clusters.RBAC,
 * Durability.ChangingDurability. */
#pragma once

#include <stdbool.h>

#include "planner/situation.h"

/* A step of the plan takes it away before the migration. */
bool harden_drops_tls(const struct situation *situation);
bool harden_drops_auth(const struct situation *situation);
bool harden_drops_durability(const struct situation *situation);
/* off, preferred or required; none, token, user-group:ID (the caller frees): as the cutover leaves
 * the group, and as the file wants it afterwards; NULL: the file does not say. */
const char *harden_tls_at_cutover(const struct situation *situation);
const char *harden_tls_wanted(const struct situation *situation);
char *harden_auth_at_cutover(const struct situation *situation);
char *harden_auth_wanted(const struct situation *situation);
/* What an aborted run has taken away and is not back: the value from before, else NULL. */
const char *harden_lost(const struct situation *situation, const char *name);
