#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "schemas/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Whatever the bytes: a config that survives its own JSON, or a fault that can be shown. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(config_clear) struct config config = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    if (!config_parse(bytes, length, "fuzz", &config, &faults)) {
        if (!faults.count || !faults.items[0].summary)
            abort();
        return 0;
    }
    AUTO(json_free) struct json *json = shape_write(config_shape(), &config);
    AUTO(config_clear) struct config again = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    if (!shape_read(config_shape(), json, &again, &err))
        abort();
    return 0;
}
