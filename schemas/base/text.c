#include "schemas/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

void text_init(struct text *text, size_t ceiling_bytes) {
    *text = (struct text){ .ceiling = ceiling_bytes };
}

static size_t ceiling_of(const struct text *text) {
    return text->ceiling ? text->ceiling : TEXT_CEILING_BYTES;
}

static bool reserve(struct text *text, size_t more) {
    if (text->overflowed || more > ceiling_of(text) - text->length) {
        text->overflowed = true;
        return false;
    }
    size_t needed = text->length + more + 1;
    if (needed > text->capacity) {
        size_t capacity = text->capacity ? text->capacity : 64;
        while (capacity < needed)
            capacity *= 2;
        text->bytes = xrealloc(text->bytes, capacity, 1);
        text->capacity = capacity;
    }
    return true;
}

void text_add_bytes(struct text *text, const void *bytes, size_t length) {
    if (!reserve(text, length))
        return;
    if (length)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *string) {
    text_add_bytes(text, string, strlen(string));
}

void text_add_char(struct text *text, char character) {
    text_add_bytes(text, &character, 1);
}

static void add_formatted(struct text *text, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        abort();
    if (!reserve(text, (size_t)length))
        return;
    (void)vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    text->length += (size_t)length;
}

void text_vaddf(struct text *text, const char *format, va_list arguments) {
    if (text->is_page)
        text_vaddf_lines(text, format, arguments);
    else
        add_formatted(text, format, arguments);
}

void text_add_plainf(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    add_formatted(text, format, arguments);
    va_end(arguments);
}

void text_addf(struct text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    text_vaddf(text, format, arguments);
    va_end(arguments);
}

void text_reset(struct text *text) {
    text->length = 0;
    text->overflowed = false;
    if (text->bytes)
        text->bytes[0] = '\0';
}

const char *text_string(const struct text *text) {
    return text->bytes ? text->bytes : "";
}

char *text_take(struct text *text) {
    char *string = text->bytes ? text->bytes : xstrdup("");
    *text = (struct text){ .ceiling = text->ceiling, .is_page = text->is_page };
    return string;
}

bool text_ok(const struct text *text, const char *what, struct error *err) {
    if (!text->overflowed)
        return true;
    return error_set(err, ERROR_LIMIT, "%s is larger than %zu bytes", what, ceiling_of(text));
}

void text_clear(struct text *text) {
    if (!text)
        return;
    free(text->bytes);
    *text = (struct text){ .ceiling = text->ceiling, .is_page = text->is_page };
}
