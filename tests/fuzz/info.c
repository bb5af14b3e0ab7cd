#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "providers/redis/info.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(info_clear) struct info info = { 0 };
    info_parse((const char *)bytes, length, &info);
    (void)info_int(&info, "a", 0);
    if (info.count)
        free(info_part(info.items[0].value, "a"));
    return 0;
}
