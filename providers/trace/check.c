#include "providers/trace/check.h"

#include <stdlib.h>
#include <string.h>

#include "providers/trace/judge.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/event/event.h"
#include "schemas/trace/trace.h"

static void judge_header(struct judge *judge, const struct json *line) {
    const char *format = json_find_string(line, "format");
    const char *version = json_find_string(line, "version");
    judge->report->processes++;
    judge->has_header = true;
    if (!string_same(format, TRACE_FORMAT))
        judge_differs(judge, "header", "this is not a trace of ecmig", "the format is '%.40s'",
                      format ? format : "");
    else if (!version || strtol(version, NULL, 10) != TRACE_VERSION_MAJOR)
        judge_differs(judge, "version",
                      "the members below may mean something else; use the version of ecmig that "
                      "wrote the trace",
                      "the version of the trace is '%.40s', not " TRACE_VERSION,
                      version ? version : "");
}

static void judge_event(struct judge *judge, const struct json *line) {
    static const char *const known[] = {
#define EVENT(symbol, name, meaning) name,
#include "schemas/event/event_kinds.def"
#undef EVENT
    };
    const char *type = json_find_string(json_find(line, "event"), "type");
    judge->report->events++;
    for (size_t i = 0; i < COUNT(known); i++)
        if (string_same(known[i], type))
            return;
    judge_differs(judge, "unknown-event-type", "another version of ecmig wrote the trace",
                  "an event of ecmig has the unknown type '%.40s'", type ? type : "");
}

static void judge_line(struct judge *judge, const struct json *line) {
    static const struct {
        const char *type;
        void (*judge)(struct judge *judge, const struct json *line);
    } rows[] = { { TRACE_HEADER, judge_header },
                 { TRACE_API, judge_exchange },
                 { TRACE_REDIS, judge_reply },
                 { TRACE_EVENT, judge_event },
                 { TRACE_END, NULL } };
    const char *type = json_find_string(line, "type"), *at = json_find_string(line, "at");
    if (!at || !clock_parse(at, &judge->at_ms))
        judge_differs(judge, "malformed-line", "times cannot be compared",
                      "the line has no time 'at'");
    for (size_t i = 0; i < COUNT(rows); i++)
        if (string_same(rows[i].type, type)) {
            if (!judge->has_header && i != 0)
                judge_differs(judge, "header", "the beginning of the trace is missing",
                              "no header comes before this line");
            judge->has_header = true;
            if (rows[i].judge)
                rows[i].judge(judge, line);
            return;
        }
    judge_differs(judge, "unknown-line", "a later version of ecmig wrote the trace",
                  "the line has the unknown type '%.40s'", type ? type : "");
}

static void judged_group_clear(struct judged_group *group) {
    free(group->id);
    free(group->status);
}

/* The last line of a process that was killed, or of a full disk, may be cut. */
static void judge_bytes(struct judge *judge, const char *bytes, size_t length, bool is_last) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *line = NULL;
    if (length == 0)
        return;
    judge->report->lines++;
    if (length <= TRACE_LINE_CEILING_BYTES && json_parse(bytes, length, "the line", &line, &err) &&
        json_kind_of(line) == JSON_KIND_OBJECT)
        judge_line(judge, line);
    else if (!is_last)
        judge_differs(judge, "malformed-line", "what stands on it is not compared",
                      "the line is not a JSON object");
}

void trace_check(const char *bytes, size_t length, struct trace_report *out) {
    struct judge judge = { .report = out };
    *out = (struct trace_report){ 0 };
    for (size_t at = 0; at < length;) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t size = end ? (size_t)(end - bytes) - at : length - at;
        judge.line++;
        judge_bytes(&judge, bytes + at, size, !end);
        at += size + 1;
    }
    if (!judge.has_header)
        judge_differs(&judge, "header", "this is not a trace of ecmig", "there is no header");
    LIST_CLEAR(&judge.groups, judged_group_clear);
}

void trace_report_clear(struct trace_report *report) {
    findings_clear(&report->differences);
    *report = (struct trace_report){ 0 };
}
