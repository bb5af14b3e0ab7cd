/* Who uses a source server, and how: what the target may refuse to its applications later.
 * Replicas, Sentinels and connections of ecmig are left out. */
#pragma once

#include <stdint.h>

#include "providers/redis/clients.h"
#include "providers/redis/redis.h"
#include "schemas/observed/observed.h"

#define USES_CEILING 72               /* of different uses that are kept of a node */
#define USES_CLIENTS 3                /* that are named of each */
#define USES_OWN_NAME "ecmig-observe" /* of the connection that asks */

/* A row of commandstats; `command` as "config|set". */
void uses_add_calls(const char *command, int64_t calls, struct observed_node *node);
void uses_add_connection(const struct client *client, struct observed_node *node);
/* A reply to ACL USERS; a server before 6.0 has none. */
void uses_read_users(const struct redis_reply *reply, struct observed_node *node);
