/* Encryption in transit and addresses of a group's running nodes. */
#pragma once

#include <stdbool.h>

#include "providers/local/state/endpoint.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"

/* Whether the server binary can speak TLS, and change to it while it runs. */
bool transit_is_offered(const struct node *node);
/* To that mode and to one of the two addresses of each node. Replicas follow at the new address,
 * and what is connected in a way that is no longer offered is dropped. Before nodes are changed,
 * every one of them has a certificate and answers, or nothing is done. */
MUST_CHECK bool transit_move(struct endpoint *endpoint, struct group *group, enum transit to,
                             bool moved, struct error *err);
/* To the other address of each node, as when the service renames an endpoint; connections stay. A
 * failure is logged. */
void transit_rename(struct endpoint *endpoint, struct group *group);
/* What the group's wanted_transit asks for; a failure is logged, and ends it. */
void transit_settle(struct endpoint *endpoint, struct group *group);
/* The relay runs exactly while the group needs it. */
void transit_keep(const struct endpoint *endpoint, const struct group *group);
