#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "providers/gitstore/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Whatever the bytes: what is accepted has a host and a path, and nothing is an option of ssh. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(string_free) char *url = xstrndup((const char *)bytes, length);
    AUTO(ssh_address_clear) struct ssh_address address = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    if (!ssh_address_parse(url, &address, &err)) {
        if (!err.message || address.host)
            abort();
        return 0;
    }
    if (!*address.host || *address.host == '-' || !*address.path || *address.path == '-' ||
        (address.user && (!*address.user || *address.user == '-')) || address.port < 0 ||
        address.port > 65535)
        abort();
    return 0;
}
