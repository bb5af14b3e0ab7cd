#include "schemas/base/findings.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

const char *severity_name(enum severity severity) {
    static const char *const names[] = { "note", "warning", "error" };
    return names[severity];
}

struct finding *finding_add(struct findings *list, enum severity severity, const char *id,
                            const char *subject, const char *summary_format, ...) {
    va_list arguments;
    va_start(arguments, summary_format);
    char *summary = xvasprintf(summary_format, arguments);
    va_end(arguments);
    struct finding *finding = LIST_ADD(list);
    *finding = (struct finding){
        .id = xstrdup(id), .severity = severity, .subject = xstrdup(subject), .summary = summary
    };
    return finding;
}

size_t findings_count(const struct findings *list, enum severity severity) {
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->items[i].severity == severity && !list->items[i].waived_by;
    return count;
}

static int compare_strings(const char *left, const char *right) {
    return strcmp(left ? left : "", right ? right : "");
}

static int by_weight(const void *left, const void *right) {
    const struct finding *a = left, *b = right;
    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    int order = compare_strings(a->id, b->id);
    if (!order)
        order = compare_strings(a->subject, b->subject);
    if (!order && a->line != b->line)
        order = a->line < b->line ? -1 : 1;
    if (!order && a->column != b->column)
        order = a->column < b->column ? -1 : 1;
    return order ? order : compare_strings(a->summary, b->summary);
}

void findings_sort(struct findings *list) {
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, by_weight);
}

void findings_clear(struct findings *list) {
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++) {
        struct finding *finding = &list->items[i];
        free(finding->id);
        free(finding->subject);
        free(finding->summary);
        free(finding->detail);
        free(finding->remedy);
        free(finding->waived_by);
    }
    free(list->items);
    *list = (struct findings){ 0 };
}
