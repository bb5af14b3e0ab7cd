/* The first words on a connection, in one flight with the commands that are queued after them:
 * AUTH, PING, a name. A server in protected mode, or one that wants a password, says so to the
 * first command, no matter which; one that is loading is good enough for INFO. */
#pragma once

#include "providers/redis/connection.h"

void greeting_queue(struct redis_connection *connection, const struct redis_options *options);
/* A refusal that the server closes the connection after: nothing else is answered. */
bool greeting_is_last(const struct redis_reply *reply);
/* Once nothing is left to send: the replies to it, as redis_open answers them. */
MUST_CHECK bool greeting_take(struct redis_connection *connection,
                              const struct redis_options *options, struct error *err);
