#include <stdint.h>

#include "providers/elasticache/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(profile_file_clear) struct profile_file file = { 0 };
    if (profile_parse(bytes, length, "config", &file, &err))
        (void)profile_value(profile_find(&file, "default"), "region");
    return 0;
}
