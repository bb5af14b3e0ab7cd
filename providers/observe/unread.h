/* What a server did not say, although servers of its version do: unknown, and not zero or none. */
#pragma once

#include "providers/redis/info.h"
#include "schemas/observed/observed.h"

/* Adds the fields of INFO that are missing to node->unread. */
void unread_fields(const struct info *info, struct observed_node *node);
/* Does a server of this version have what came with major.minor? Of an unknown version: yes. */
bool unread_has(const char *version, int major, int minor);
