#include <stddef.h>
#include <stdint.h>

#include "providers/redis/flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    struct redis_token token;
    for (size_t at = 0, used = 0;; at += used)
        if (redis_token_read((const char *)bytes + at, length - at, &token, &used) != TOKEN_WHOLE)
            return 0;
}
