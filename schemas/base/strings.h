/* An owned list of owned strings. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/language.h"

struct strings {
    char **items;
    size_t count;
};

void strings_add(struct strings *list, const char *string);
void strings_addf(struct strings *list, const char *format, ...) PRINTF_LIKE(2, 3);
bool string_same(const char *left, const char *right); /* two NULLs are the same */
/* POSIX extended regular expression, one of ours: a wrong one ends the program. */
bool string_matches(const char *pattern, const char *text);
bool strings_has(const struct strings *list, const char *string);
void strings_sort(struct strings *list);
void strings_copy(struct strings *to, const struct strings *from);
char *strings_join(const struct strings *list, const char *separator); /* the caller frees */
void strings_clear(struct strings *list);
AUTO_VALUE(struct strings, strings_clear)
