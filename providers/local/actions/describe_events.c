#include <string.h>
#include <strings.h>

#include "providers/local/actions/action.h"
#include "schemas/base/clock.h"

#define HOUR_MS (60 * 60 * 1000LL)
#define DURATION_MAXIMUM_MINUTES (14 * 24 * 60)

struct filter {
    const char *source_id, *source_type;
    int64_t from_ms, until_ms;
};

static bool read_time(struct request *request, const char *name, int64_t *in_out) {
    const char *value = request_value(request, name);
    if (!value || clock_parse(value, in_out))
        return true;
    return refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid value for %s: %s", name,
                  value);
}

static bool read_filter(struct request *request, struct filter *filter) {
    int64_t minutes = 0;
    filter->source_id = request_value(request, "SourceIdentifier");
    filter->source_type = request_value(request, "SourceType");
    if (filter->source_id && !filter->source_type)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "SourceIdentifier cannot be specified without SourceType.");
    if (!request_int(request, "Duration", 1, DURATION_MAXIMUM_MINUTES, &minutes))
        return false;
    filter->until_ms = INT64_MAX;
    filter->from_ms = clock_wall_ms() - (minutes ? minutes * 60000 : HOUR_MS);
    return read_time(request, "StartTime", &filter->from_ms) &&
           read_time(request, "EndTime", &filter->until_ms);
}

static bool passes(const struct filter *filter, const struct event *event) {
    return event->at_ms >= filter->from_ms && event->at_ms <= filter->until_ms &&
           (!filter->source_type || strcmp(filter->source_type, event->source_type) == 0) &&
           (!filter->source_id || strcasecmp(filter->source_id, event->source_id) == 0);
}

bool serve_describe_events(struct request *request) {
    const struct state *state = &request->endpoint->state;
    struct filter filter = { 0 };
    struct slice slice = { 0, 0 };
    size_t total = 0;
    if (!read_filter(request, &filter))
        return false;
    for (size_t i = 0; i < state->events.count; i++)
        total += passes(&filter, &state->events.items[i]);
    if (!request_slice(request, total, &slice))
        return false;
    answer_marker(request, &slice, total);
    markup_open(request->out, "Events");
    for (size_t i = 0, at = 0; i < state->events.count; i++) {
        const struct event *event = &state->events.items[i];
        if (!passes(&filter, event))
            continue;
        if (at >= slice.first && at < slice.end) {
            markup_open(request->out, "Event");
            markup_string(request->out, "SourceIdentifier", event->source_id);
            markup_string(request->out, "SourceType", event->source_type);
            markup_string(request->out, "Message", event->message);
            markup_time(request->out, "Date", event->at_ms);
            markup_close(request->out, "Event");
        }
        at++;
    }
    markup_close(request->out, "Events");
    return true;
}
