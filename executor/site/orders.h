/* CONFIG SETs of several servers, collected and then sent in one flight. */
#pragma once

#include "executor/site/many.h"
#include "schemas/base/strings.h"

struct orders {
    struct many nodes;    /* one server may be in it more than once */
    struct strings words; /* name and value of each */
};

void orders_add(struct orders *orders, struct redis_connection *node, const char *name,
                const char *value);
/* Nothing to send is well. A server that refuses is an error, after all were asked. */
MUST_CHECK bool orders_send(const struct orders *orders, struct error *err);
void orders_clear(struct orders *orders);
AUTO_VALUE(struct orders, orders_clear)
