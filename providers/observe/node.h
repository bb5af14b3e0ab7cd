/* What one source server is asked, and its answers as an observed_node. */
#pragma once

#include "providers/redis/redis.h"
#include "schemas/observed/observed.h"

/* What INFO tells of it. */
void node_read_info(const char *text, size_t length, struct observed_node *node);
void node_queue(struct redis_connection *connection);
/* The answers, in the same order. Only a refused INFO makes the node useless. */
MUST_CHECK bool node_take(struct redis_connection *connection, struct observed_node *node,
                          struct error *err);
