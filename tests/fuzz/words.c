#include <stddef.h>
#include <stdint.h>

#include "providers/elasticache/credentials/words.h"
#include "schemas/base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(strings_clear) struct strings words = { 0 };
    AUTO(string_free) char *line = xstrndup((const char *)bytes, length);
    (void)!words_split(line, &words);
    return 0;
}
