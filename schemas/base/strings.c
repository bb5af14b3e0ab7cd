#include "schemas/base/strings.h"

#include <regex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/text.h"

void strings_add(struct strings *list, const char *string) {
    *LIST_ADD(list) = xstrdup(string);
}

void strings_addf(struct strings *list, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    *LIST_ADD(list) = xvasprintf(format, arguments);
    va_end(arguments);
}

bool string_same(const char *left, const char *right) {
    return left == right || (left && right && strcmp(left, right) == 0);
}

bool string_matches(const char *pattern, const char *text) {
    regex_t compiled;
    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        abort();
    bool match = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return match;
}

bool strings_has(const struct strings *list, const char *string) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], string) == 0)
            return true;
    return false;
}

static int by_bytes(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

void strings_sort(struct strings *list) {
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, by_bytes);
}

void strings_copy(struct strings *to, const struct strings *from) {
    for (size_t i = 0; i < from->count; i++)
        strings_add(to, from->items[i]);
}

char *strings_join(const struct strings *list, const char *separator) {
    AUTO(text_clear) struct text joined = { 0 };
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            text_add(&joined, separator);
        text_add(&joined, list->items[i]);
    }
    return text_take(&joined);
}

void strings_clear(struct strings *list) {
    if (!list)
        return;
    LIST_CLEAR(list, string_free_at);
}
