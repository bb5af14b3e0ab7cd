#include "schemas/observed/fence.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

#define FENCE_BASE ((int64_t)1 << 30)

char *fence_value(const char *run) {
    uint8_t digest[DIGEST_BYTES];
    digest_sha256(run, strlen(run), digest);
    int64_t bits = 0;
    for (size_t i = 0; i < 4; i++)
        bits = bits << 8 | digest[i];
    return xasprintf("%" PRId64, FENCE_BASE + (bits & (FENCE_BASE - 1)));
}

bool fence_is_any(const char *write_value) {
    return strtoll(write_value, NULL, 10) >= FENCE_BASE;
}

char *marker_value(const char *before) {
    long long value = strtoll(before, NULL, 10);
    return xasprintf("%lld", value < INT32_MAX ? value + 1 : value - 1);
}
