#include "schemas/base/utf8.h"

#include <string.h>

#include "schemas/base/text.h"

size_t utf8_decode(const unsigned char *bytes, size_t length, uint32_t *character) {
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (!length)
        return 0;
    size_t size = bytes[0] < 0x80             ? 1
                  : (bytes[0] & 0xE0) == 0xC0 ? 2
                  : (bytes[0] & 0xF0) == 0xE0 ? 3
                  : (bytes[0] & 0xF8) == 0xF0 ? 4
                                              : 0;
    if (!size || size > length)
        return 0;
    uint32_t value = size == 1 ? bytes[0] : bytes[0] & (0xFFU >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (bytes[i] & 0x3F);
    }
    if (value < smallest[size] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *character = value;
    return size;
}

bool character_is_hidden(uint32_t character) {
    return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x061C ||
           character == 0x200B || character == 0x200E || character == 0x200F ||
           (character >= 0x2028 && character <= 0x202E) ||
           (character >= 0x2060 && character <= 0x206F) || character == 0xFEFF;
}

static char *shown(const char *text, bool lines) {
    const unsigned char *at = (const unsigned char *)text;
    AUTO(text_clear) struct text safe = { 0 };
    for (size_t left = strlen(text), size; left; at += size, left -= size) {
        uint32_t character = 0;
        size = utf8_decode(at, left, &character);
        bool kept = character == '\t' || (lines && character == '\n');
        if (size && (kept || !character_is_hidden(character)))
            text_add_bytes(&safe, at, size);
        else if (size > 1)
            text_addf(&safe, "\\u%04x", (unsigned)character);
        else
            text_addf(&safe, "\\x%02x", *at);
        size = size ? size : 1;
    }
    text_add(&safe, "");
    return text_take(&safe);
}

char *shown_page(const char *text) {
    return shown(text, true);
}

char *shown_line(const char *text) {
    return shown(text, false);
}
