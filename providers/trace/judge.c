#include "providers/trace/judge.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/units.h"

static const struct {
    int64_t longest_ms;
    const char *what, *meaning;
} timings[] = {
#define TIMING(symbol, longest_ms, what, meaning) { longest_ms, what, meaning },
#include "providers/trace/beliefs/timings.def"
#undef TIMING
};

static struct finding *find_same(const struct trace_report *report, const char *id,
                                 const char *summary) {
    for (size_t i = 0; i < report->differences.count; i++) {
        struct finding *seen = &report->differences.items[i];
        if (string_same(seen->id, id) && string_same(seen->summary, summary))
            return seen;
    }
    return NULL;
}

void judge_differs(struct judge *judge, const char *id, const char *meaning, const char *format,
                   ...) {
    struct trace_report *report = judge->report;
    va_list arguments;
    va_start(arguments, format);
    AUTO(string_free) char *summary = xvasprintf(format, arguments);
    va_end(arguments);
    struct finding *seen = find_same(report, id, summary);
    if (seen) {
        seen->column++;
        return;
    }
    report->is_cut = report->differences.count >= TRACE_DIFFERENCES_CEILING_COUNT;
    if (report->is_cut)
        return;
    struct finding *difference =
        finding_add(&report->differences, SEVERITY_ERROR, id, "line", "%s", summary);
    difference->line = judge->line;
    string_replace(&difference->remedy, meaning);
}

void judge_took(struct judge *judge, enum timing timing, int64_t took_ms, const char *subject) {
    if (took_ms <= timings[timing].longest_ms)
        return;
    AUTO(text_clear) struct text took = { 0 }, longest = { 0 };
    units_add_duration(&took, took_ms);
    units_add_duration(&longest, timings[timing].longest_ms);
    judge_differs(judge, "slow", timings[timing].meaning, "%s: %s took %s, longer than %s", subject,
                  timings[timing].what, text_string(&took), text_string(&longest));
}

bool judge_has_word(const char *words, char separator, const char *word) {
    size_t length = strlen(word);
    for (const char *at = words; at; at = strchr(at, separator)) {
        at += *at == separator;
        if (strncmp(at, word, length) == 0 && (at[length] == separator || !at[length]))
            return true;
    }
    return false;
}
