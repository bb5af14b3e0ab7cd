/* What happened, for those who watch: one line of JSON each, or a line for people. */
#pragma once

#include <stdint.h>

#include "schemas/base/findings.h"
#include "schemas/json/shape.h"

#define EVENT_VERSION "1.0"

enum event_kind {
#define EVENT(symbol, name, meaning) EVENT_##symbol,
#include "schemas/event/event_kinds.def"
#undef EVENT
};
extern const char *const event_kind_names[];

struct event {
    char *v;
    int64_t seq;
    char *ts;
    enum severity level; /* note is written "info" */
    enum event_kind type;
    char *run, *migration;
    int64_t epoch;
    char *step;  /* S05 */
    char *state; /* a variant of the type, as held or waiting */
    char *msg;
    struct json *data;
};

extern const struct shape event_shape;
void event_clear(struct event *event);
AUTO_VALUE(struct event, event_clear)
