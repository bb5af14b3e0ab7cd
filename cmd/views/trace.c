#include "cmd/views/trace.h"

#include "cmd/views/view.h"
#include "providers/trace/check.h"

static void add_counts(const struct trace_report *report, struct text *words) {
    text_addf(words, "%zu lines of %zu processes: %zu calls, %zu replies, %zu events",
              report->lines, report->processes, report->calls, report->replies, report->events);
}

static void fill(const struct view *view, struct sheet *sheet) {
    const struct trace_report *report = view->trace->report;
    const struct findings *differences = &report->differences;
    struct text *headline = sheet_headline(sheet);
    if (differences->count)
        text_addf(headline, "%s: %zu difference%s", view->trace->file, differences->count,
                  differences->count == 1 ? "" : "s");
    else
        text_addf(headline, "%s: no difference", view->trace->file);
    add_counts(report, sheet_sentence(sheet));
    for (size_t i = 0; i < differences->count; i++) {
        const struct finding *difference = &differences->items[i];
        struct text *point = sheet_point(sheet, "");
        text_addf(point, "line %zu: %s: %s", difference->line, difference->id, difference->summary);
        if (difference->column)
            text_addf(point, " (and on %zu more lines)", difference->column);
        text_addf(sheet_remark(sheet), "%s", difference->remedy);
    }
    if (report->is_cut)
        text_add(sheet_sentence(sheet), "There are more differences, which are not listed.");
}

static struct json *write_json(const struct view *view) {
    const struct trace_report *report = view->trace->report;
    struct json *document = json_new_object(), *list = json_new_array();
    json_put_string(document, "file", view->trace->file);
    json_put_int(document, "lines", (int64_t)report->lines);
    json_put_int(document, "processes", (int64_t)report->processes);
    json_put_int(document, "calls", (int64_t)report->calls);
    json_put_int(document, "replies", (int64_t)report->replies);
    json_put_int(document, "events", (int64_t)report->events);
    json_put_bool(document, "complete", !report->is_cut);
    for (size_t i = 0; i < report->differences.count; i++) {
        const struct finding *difference = &report->differences.items[i];
        struct json *item = json_new_object();
        json_put_int(item, "line", (int64_t)difference->line);
        json_put_int(item, "more_lines", (int64_t)difference->column);
        json_put_string(item, "id", difference->id);
        json_put_string(item, "difference", difference->summary);
        json_put_string(item, "meaning", difference->remedy);
        json_append(list, item);
    }
    json_put(document, "differences", list);
    return document;
}

const struct view_document view_document_trace = { .fill = fill, .json = write_json };
