/* Allocation that does not fail: out of memory aborts, because the journal makes abrupt death safe
 * and untested failure paths are not. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include "schemas/base/language.h"

void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t count, size_t size);
char *xstrdup(const char *string);                /* NULL stays NULL */
char *xstrndup(const char *bytes, size_t length); /* always ends with NUL */
void *xmemdup(const void *bytes, size_t length);  /* NULL for length 0 */
char *xasprintf(const char *format, ...) PRINTF_LIKE(1, 2);
char *xvasprintf(const char *format, va_list arguments) PRINTF_LIKE(1, 0);

/* Replaces an owned string; the old one is freed, the new one copied. */
void string_replace(char **slot, const char *value);
void string_free(char *string);
AUTO_POINTER(char, string_free)

/* Grows a {items, count} list by one zeroed item and returns it. Capacity doubles at powers of two,
 * so that no list needs a third field. */
#define LIST_ADD(list)                                                                             \
    ((list)->items = list_grow((list)->items, (list)->count, sizeof *(list)->items),               \
     &(list)->items[(list)->count++])
void *list_grow(void *items, size_t count, size_t size);

/* Clears each item, of which `clear` takes the address (string_free_at and its like for pointers),
 * and leaves an empty list. */
#define LIST_CLEAR(list, clear)                                                                    \
    do {                                                                                           \
        for (size_t at_ = 0; at_ < (list)->count; at_++)                                           \
            clear(&(list)->items[at_]);                                                            \
        free((list)->items);                                                                       \
        (list)->items = NULL;                                                                      \
        (list)->count = 0;                                                                         \
    } while (0)
