#include "schemas/config/bytes.h"

#include <inttypes.h>

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
    return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x200B ||
           character == 0x200E || character == 0x200F ||
           (character >= 0x2028 && character <= 0x202E) ||
           (character >= 0x2060 && character <= 0x206F) || character == 0xFEFF;
}

bool bytes_are_text(const void *bytes, size_t length, struct faults *faults) {
    struct place at = { 1, 1 };
    const unsigned char *all = bytes;
    for (size_t i = 0; i < length;) {
        uint32_t character = 0;
        size_t size = utf8_decode(all + i, length - i, &character);
        bool mark_of_utf8 = i == 0 && character == 0xFEFF;
        if (!size) {
            fault(faults, at, "byte 0x%02x is not UTF-8", all[i]);
            fault_hint(faults, "save the file as UTF-8");
            return false;
        }
        if (character_is_hidden(character) && character != '\n' && character != '\r' &&
            character != '\t' && !mark_of_utf8) {
            fault(faults, at, "hidden character U+%04" PRIX32, character);
            fault_hint(faults, "remove it");
            return false;
        }
        at.column += mark_of_utf8 ? 0 : 1;
        if (character == '\n')
            at = (struct place){ at.line + 1, 1 };
        i += size;
    }
    return true;
}
