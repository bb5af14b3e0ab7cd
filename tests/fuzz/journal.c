#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/journal/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Lines of entries: parsed, mended into a chain so that replay is reached, replayed and told. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(journal_entries_clear) struct journal_entries entries = { 0 };
    AUTO(journal_state_clear) struct journal_state state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(text_clear) struct text told = { 0 };
    journal_state_init(&state);
    while (length > 0) {
        const uint8_t *end = memchr(bytes, '\n', length);
        size_t line = end ? (size_t)(end - bytes) : length;
        struct journal_entry entry = { 0 };
        if (journal_parse(bytes, line, "entry", &entry, &err)) {
            entry.seq = (int64_t)entries.count + 1;
            string_replace(&entry.prev,
                           entries.count ? entries.items[entries.count - 1].hash : JOURNAL_NO_HASH);
            journal_describe(&entry, &told);
            *LIST_ADD(&entries) = entry;
        }
        error_clear(&err);
        bytes += end ? line + 1 : line;
        length -= end ? line + 1 : line;
    }
    if (!journal_replay(&entries, &state, &err))
        error_clear(&err);
    return 0;
}
