#include "schemas/base/utf8.h"

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
