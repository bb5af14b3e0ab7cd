#include "schemas/event/event.h"

const char *const event_kind_names[] = {
#define EVENT(symbol, name, meaning) [EVENT_##symbol] = name,
#include "schemas/event/event_kinds.def"
#undef EVENT
    NULL
};
static const char *const level_names[] = { "info", "warning", "error", NULL };

static const struct shape_field event_fields[] = {
    FIELD(struct event, v, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct event, seq, SHAPE_INT, .flags = SHAPE_REQUIRED),
    FIELD(struct event, ts, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct event, level, SHAPE_CHOICE, .choices = level_names, .flags = SHAPE_REQUIRED),
    FIELD(struct event, type, SHAPE_CHOICE, .choices = event_kind_names, .flags = SHAPE_REQUIRED),
    FIELD(struct event, run, SHAPE_STRING),
    FIELD(struct event, migration, SHAPE_STRING),
    FIELD(struct event, epoch, SHAPE_INT),
    FIELD(struct event, step, SHAPE_STRING),
    FIELD(struct event, state, SHAPE_STRING),
    FIELD(struct event, msg, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct event, data, SHAPE_JSON),
};
const struct shape event_shape = SHAPE("event", struct event, event_fields);

void event_clear(struct event *event) {
    if (event)
        shape_clear(&event_shape, event);
}
