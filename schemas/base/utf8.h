/* UTF-8 as RFC 3629 has it: no longer form than needed, no surrogates, nothing above U+10FFFF. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Length of the character at bytes, 0 when it is none; *character is its code point. */
size_t utf8_decode(const unsigned char *bytes, size_t length, uint32_t *character);
