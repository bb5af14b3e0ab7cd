#include <stddef.h>
#include <stdint.h>

#include "providers/redis/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    (void)!redis_decode(bytes, length, &reply, &err);
    return 0;
}
