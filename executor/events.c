#include "executor/events.h"

#include <stdarg.h>

#include "providers/trace/recorder.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static void emit(struct events *events, const struct event_fact *fact, char *message) {
    char now[CLOCK_TEXT_BYTES];
    clock_format(clock_wall_ms(), now);
    AUTO(event_clear)
    struct event event = { .v = xstrdup(EVENT_VERSION),
                           .seq = ++events->last_seq,
                           .ts = xstrdup(now),
                           .level = fact->level,
                           .type = fact->kind,
                           .run = xstrdup(events->run),
                           .migration = xstrdup(events->migration),
                           .epoch = events->epoch,
                           .step = xstrdup(fact->step),
                           .state = xstrdup(fact->state),
                           .msg = message,
                           .data = fact->data };
    if (trace_is_on()) {
        AUTO(json_free) struct json *value = shape_write(&event_shape, &event);
        trace_event(value);
    }
    if (events->sink)
        events->sink(events->context, &event);
}

void events_emit(struct events *events, const struct event_fact *fact, const char *message, ...) {
    va_list arguments;
    va_start(arguments, message);
    emit(events, fact, xvasprintf(message, arguments));
    va_end(arguments);
}

void events_warn(struct events *events, const char *step, const char *message, ...) {
    const struct event_fact warning = { EVENT_DIAGNOSTIC, SEVERITY_WARNING, step, NULL, NULL };
    va_list arguments;
    va_start(arguments, message);
    emit(events, &warning, xvasprintf(message, arguments));
    va_end(arguments);
}
