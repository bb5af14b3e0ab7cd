#include "schemas/config/fault.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/text.h"

#define FAULT_LIMIT 100
#define QUOTE_LIMIT_BYTES 60
#define WORD_LIMIT_BYTES 64

void fault(struct faults *faults, struct place at, const char *format, ...) {
    if (++faults->count > FAULT_LIMIT) {
        if (faults->count == FAULT_LIMIT + 1)
            finding_add(faults->list, SEVERITY_ERROR, NULL, faults->subject,
                        "more than %d faults, only the first are shown", FAULT_LIMIT);
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    AUTO(string_free) char *summary = xvasprintf(format, arguments);
    va_end(arguments);
    struct finding *finding =
        finding_add(faults->list, SEVERITY_ERROR, NULL, faults->subject, "%s", summary);
    finding->line = at.line;
    finding->column = at.column;
    faults->last = faults->list->count - 1;
}

void fault_hint(struct faults *faults, const char *format, ...) {
    if (!faults->count || faults->count > FAULT_LIMIT)
        return;
    va_list arguments;
    va_start(arguments, format);
    AUTO(string_free) char *hint = xvasprintf(format, arguments);
    va_end(arguments);
    string_replace(&faults->list->items[faults->last].remedy, hint);
}

bool fault_touches(const struct faults *faults, const char *path) {
    size_t length = strlen(path);
    for (size_t i = 0; i < faults->bad_paths.count; i++) {
        const char *bad = faults->bad_paths.items[i];
        if (strncmp(bad, path, length) == 0 && (!bad[length] || strchr(".[", bad[length])))
            return true;
    }
    return false;
}

char *fault_quote(const char *value) {
    struct text text = { 0 };
    text_add_char(&text, '\'');
    size_t at = 0;
    for (; value[at]; at++) {
        unsigned char byte = (unsigned char)value[at];
        bool starts_character = (byte & 0xC0) != 0x80;
        if (at >= QUOTE_LIMIT_BYTES && starts_character)
            break;
        if (byte < 0x20 || byte == 0x7F)
            text_addf(&text, "\\x%02x", byte);
        else
            text_add_char(&text, (char)byte);
    }
    text_add(&text, value[at] ? "…'" : "'");
    return text_take(&text);
}

/* Levenshtein's distance by one row. */
static size_t distance(const char *left, const char *right) {
    size_t row[WORD_LIMIT_BYTES + 1], width = strlen(right);
    for (size_t i = 0; i <= width; i++)
        row[i] = i;
    for (size_t k = 0; left[k]; k++) {
        size_t diagonal = row[0];
        row[0] = k + 1;
        for (size_t i = 1; i <= width; i++) {
            size_t changed = diagonal + (left[k] != right[i - 1]);
            size_t added = (row[i] < row[i - 1] ? row[i] : row[i - 1]) + 1;
            diagonal = row[i];
            row[i] = changed < added ? changed : added;
        }
    }
    return row[width];
}

const char *fault_nearest(const char *word, const struct strings *known) {
    const char *nearest = NULL;
    size_t length = strlen(word), best = length / 3 + 2;
    if (length > WORD_LIMIT_BYTES)
        return NULL;
    for (size_t i = 0; i < known->count; i++) {
        const char *candidate = known->items[i];
        size_t away = strlen(candidate) > WORD_LIMIT_BYTES ? best : distance(word, candidate);
        if (away < best && away < strlen(candidate)) {
            best = away;
            nearest = candidate;
        }
    }
    return nearest;
}
