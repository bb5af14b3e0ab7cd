#include "schemas/base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *xcalloc(size_t count, size_t size) {
    void *fresh = calloc(count ? count : 1, size ? size : 1);
    if (!fresh)
        abort();
    return fresh;
}

void *xrealloc(void *old, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size)
        abort();
    size_t bytes = count * size;
    void *fresh = realloc(old, bytes ? bytes : 1);
    if (!fresh)
        abort();
    return fresh;
}

char *xstrdup(const char *string) {
    return string ? xstrndup(string, strlen(string)) : NULL;
}

char *xstrndup(const char *bytes, size_t length) {
    char *copy = xcalloc(length + 1, 1);
    if (length)
        memcpy(copy, bytes, length);
    return copy;
}

void *xmemdup(const void *bytes, size_t length) {
    if (!length)
        return NULL;
    void *copy = xcalloc(length, 1);
    memcpy(copy, bytes, length);
    return copy;
}

char *xvasprintf(const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        abort();
    char *string = xcalloc((size_t)length + 1, 1);
    (void)vsnprintf(string, (size_t)length + 1, format, arguments);
    return string;
}

char *xasprintf(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *string = xvasprintf(format, arguments);
    va_end(arguments);
    return string;
}

void string_replace(char **slot, const char *value) {
    char *copy = xstrdup(value);
    free(*slot);
    *slot = copy;
}

void string_free(char *string) {
    free(string);
}

void *list_grow(void *items, size_t count, size_t size) {
    if ((count & (count - 1)) == 0)
        items = xrealloc(items, count ? count * 2 : 1, size);
    memset((char *)items + count * size, 0, size);
    return items;
}
