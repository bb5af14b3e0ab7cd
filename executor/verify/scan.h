/* SCAN through a flow, and what the two directions of a sweep share. */
#pragma once

#include "executor/verify/names.h"
#include "executor/verify/verify.h"
#include "providers/redis/flow.h"

struct scan {
    char cursor[24]; /* "0" to begin with */
    size_t count;    /* names asked for; 0 to begin with */
    bool asked, ended;
};

/* One command with the key as its second or third word. */
#define FLOW_WORD(flow, literal) redis_flow_word(flow, literal, sizeof(literal) - 1)
void flow_ask(struct redis_flow *flow, const char *command, const char *key, size_t length);

void scan_ask(struct scan *scan, struct redis_flow *flow);
MUST_CHECK bool scan_take(struct scan *scan, struct redis_flow *flow, struct names *out,
                          struct error *err);
