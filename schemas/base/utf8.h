/* UTF-8 as RFC 3629 has it: no longer form than needed, no surrogates, nothing above U+10FFFF. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the character at bytes, 0 when it is none; *character is its code point. */
size_t utf8_decode(const unsigned char *bytes, size_t length, uint32_t *character);

/* Controls, and marks that show text in another order than it has or show nothing. */
bool character_is_hidden(uint32_t character);
/* What came from outside, as it is shown: hidden characters and bytes that do not form a character
 * become \x1b and \u202e. shown_page keeps line feeds and tabs, shown_line keeps tabs. The caller
 * frees.
 */
char *shown_page(const char *text);
char *shown_line(const char *text);
