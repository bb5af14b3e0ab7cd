/* A trace, and everything that reads what is recorded in it again. */
#include <stdint.h>
#include <stdlib.h>

#include "providers/trace/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(trace_report_clear) struct trace_report report = { 0 };
    trace_check((const char *)bytes, length, &report);
    for (size_t i = 0; i < report.differences.count; i++)
        if (!report.differences.items[i].remedy)
            abort();
    return 0;
}
