#include "schemas/config/bytes.h"

#include <inttypes.h>

#include "schemas/base/utf8.h"

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
