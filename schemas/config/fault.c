#include "schemas/config/fault.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/text.h"

#define FAULT_LIMIT 100
#define QUOTE_LIMIT_BYTES 60

void fault(struct faults *faults, struct place at, const char *format, ...) {
    if (++faults->count > FAULT_LIMIT) {
        if (faults->count == FAULT_LIMIT + 1)
            finding_add(faults->list, SEVERITY_ERROR, NULL, faults->subject,
                        "more than %d errors; only the first are shown", FAULT_LIMIT);
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
