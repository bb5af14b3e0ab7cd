/* Which server it is, by INFO: Redis, Valkey, or one of those that speak their protocol. */
#pragma once

#include "providers/redis/info.h"

/* A name such as redis, valkey or keydb; "unknown" where INFO proves none. *version is its own
 * version, else the one of Redis that it claims, or NULL. Both live as long as the info. */
const char *engine_of(const struct info *info, const char **version);
