/* A growable string with a ceiling that is given when it is created. Passing the ceiling is
 * remembered and reported once by text_ok(); nothing is ever silently cut short of that. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"

#define TEXT_CEILING_BYTES ((size_t)64 << 20) /* for pages and documents made by ourselves */

struct text {
    char *bytes; /* ends with NUL once something was added; NULL while empty */
    size_t length;
    size_t capacity;
    size_t ceiling; /* 0 means TEXT_CEILING_BYTES, so that {0} is a usable text */
    bool overflowed;
    bool is_page; /* for people: text_addf keeps each %s on one line (TEXT_PAGE) */
};

/* A page of lines that people read: what came from a record, a server or the service and is given
 * as an argument of text_addf cannot begin a line of its own. */
#define TEXT_PAGE                                                                                  \
    { .is_page = true }

void text_init(struct text *text, size_t ceiling_bytes);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const void *bytes, size_t length);
void text_add_char(struct text *text, char character);
void text_addf(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
void text_vaddf(struct text *text, const char *format, va_list arguments) PRINTF_LIKE(2, 0);
/* As text_addf, of a page and of any other text. */
void text_vaddf_lines(struct text *text, const char *format, va_list arguments) PRINTF_LIKE(2, 0);
void text_add_plainf(struct text *text, const char *format, ...);
void text_reset(struct text *text);               /* empties, keeps the memory */
const char *text_string(const struct text *text); /* "" while empty */
char *text_take(struct text *text);               /* the caller frees; the text is empty after */
MUST_CHECK bool text_ok(const struct text *text, const char *what,
                        struct error *err); /* ERROR_LIMIT when the ceiling was passed */
void text_clear(struct text *text);
AUTO_VALUE(struct text, text_clear)
