/* Progress leaves the executor as events; whoever runs it gives one sink. */
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

/* `data` is taken over; step and state may be NULL. */
void events_emit(struct events *events, enum event_kind kind, enum severity level, const char *step,
                 const char *state, struct json *data, const char *message, ...) PRINTF_LIKE(7, 8);
