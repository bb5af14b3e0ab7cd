/* A line of allowed_signers, as a reviewer is shown it. */
#include <stddef.h>
#include <stdint.h>

#include "planner/signers.h"
#include "schemas/base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(string_free) char *line = xstrndup((const char *)bytes, length);
    AUTO(signers_line_clear) struct signers_line read = { 0 };
    signers_line_read(line, &read);
    if (!read.principals)
        __builtin_trap(); /* whoever shows a line relies on it */
    return 0;
}
