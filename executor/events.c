#include "executor/events.h"

#include <stdarg.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

void events_emit(struct events *events, enum event_kind kind, enum severity level, const char *step,
                 const char *state, struct json *data, const char *message, ...) {
    char now[CLOCK_TEXT_BYTES];
    clock_format(clock_wall_ms(), now);
    va_list arguments;
    va_start(arguments, message);
    AUTO(event_clear)
    struct event event = { .v = xstrdup(EVENT_VERSION),
                           .seq = ++events->last_seq,
                           .ts = xstrdup(now),
                           .level = level,
                           .type = kind,
                           .run = xstrdup(events->run),
                           .migration = xstrdup(events->migration),
                           .epoch = events->epoch,
                           .step = xstrdup(step),
                           .state = xstrdup(state),
                           .msg = xvasprintf(message, arguments),
                           .data = data };
    va_end(arguments);
    if (events->sink)
        events->sink(events->context, &event);
}
