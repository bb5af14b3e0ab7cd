#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "executor/verify/small_values.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Two payloads as DUMP gives them, of which the first byte says where the second begins; then the
 * same bytes as two whole replies. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static const struct hash_key key = { 1, 2 };
    if (length < 2)
        return 0;
    size_t first = (length - 1) * bytes[0] / 255;
    const char *at = (const char *)bytes + 1;
    const struct word here = { at, first }, there = { at + first, length - 1 - first };
    const struct redis_token one = { REDIS_STRING, 0, here.bytes, here.length };
    const struct redis_token two = { REDIS_STRING, 0, there.bytes, there.length };
    char type;
    if (dump_compare(&key, &one, &two, &type) == VALUE_GONE)
        abort();
    for (const char *kind = "shlz"; *kind; kind++)
        if (small_values_compare(&key, *kind, &here, &there) !=
            small_values_compare(&key, *kind, &there, &here))
            abort();
    return 0;
}
