#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/service.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

/* Events are kept 14 days, and an older start is refused; an hour less, so that the request's way
 * does not matter. */
#define KEPT_MS (((int64_t)14 * 24 - 1) * 3600 * 1000)

static void read_page(void *context, const struct xml *result) {
    struct service_events *events = context;
    const struct xml *list = xml_find(result, "Events");
    for (const struct xml *item = xml_first(list, NULL); item; item = xml_next(item, NULL)) {
        const char *date = xml_text(item, "Date"), *message = xml_text(item, "Message");
        int64_t at_ms = 0;
        if (date && message && clock_parse(date, &at_ms))
            *LIST_ADD(events) = (struct service_event){ at_ms, xstrdup(message) };
    }
}

static int by_time(const void *left, const void *right) {
    const struct service_event *one = left, *other = right;
    if (one->at_ms != other->at_ms)
        return one->at_ms < other->at_ms ? -1 : 1;
    return strcmp(one->message, other->message);
}

static void settle(struct service_events *events, int64_t since_ms) {
    if (events->count > 1)
        qsort(events->items, events->count, sizeof *events->items, by_time);
    size_t kept = 0;
    for (size_t i = 0; i < events->count; i++) {
        struct service_event *event = &events->items[i];
        if (event->at_ms < since_ms || (kept && by_time(&events->items[kept - 1], event) == 0))
            free(event->message);
        else
            events->items[kept++] = *event;
    }
    events->count = kept;
}

bool elasticache_events(struct elasticache *service, const char *group, int64_t since_ms,
                        int64_t deadline_mono_ms, struct service_events *out, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_describe_events, &query);
    query_add(&query, "SourceIdentifier", group);
    query_add(&query, "SourceType", "replication-group");
    if (since_ms > 0) {
        int64_t now_ms = clock_wall_ms() + service->skew_ms;
        int64_t start_ms = since_ms < now_ms - KEPT_MS ? now_ms - KEPT_MS : since_ms;
        char start[CLOCK_TEXT_BYTES];
        clock_format_seconds(start_ms < now_ms ? start_ms : now_ms, start);
        query_add(&query, "StartTime", start);
    }
    struct service_events events = { 0 };
    if (!service_pages(service, &query, deadline_mono_ms, read_page, &events, err)) {
        service_events_clear(&events);
        return false;
    }
    settle(&events, since_ms);
    service_events_clear(out);
    *out = events;
    return true;
}

static void service_event_clear(struct service_event *event) {
    free(event->message);
}

void service_events_clear(struct service_events *events) {
    LIST_CLEAR(events, service_event_clear);
}
