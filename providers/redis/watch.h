/* Commands and replies of a connection, for a watcher (redis_watch). Internal. */
#pragma once

#include "providers/redis/connection.h"

bool watch_is_on(void);
void watch_asked(struct redis_connection *connection, size_t count, const char *const *words,
                 const size_t *lengths);
/* The reply to the command asked first, or NULL with the connection's failure to all of them. */
void watch_answered(struct redis_connection *connection, const struct redis_reply *reply);
void watch_clear(struct redis_connection *connection);
