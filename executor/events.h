/* Progress leaves the executor as events; its caller gives one sink. */
#pragma once

#include <stdint.h>

#include "schemas/base/language.h"
#include "schemas/event/event.h"

struct events {
    void (*sink)(void *context, const struct event *event); /* NULL: nobody watches */
    void *context;
    const char *migration, *run; /* NULL until known */
    int64_t epoch, last_seq;
};

struct event_fact {
    enum event_kind kind;
    enum severity level;      /* a note unless it is given */
    const char *step, *state; /* may be NULL */
    struct json *data;        /* taken over; may be NULL */
};
void events_emit(struct events *events, const struct event_fact *fact, const char *message, ...)
    PRINTF_LIKE(3, 4);
/* A diagnostic that is a warning; `step` may be NULL. */
void events_warn(struct events *events, const char *step, const char *message, ...)
    PRINTF_LIKE(3, 4);
