/* The differences of a trace, for `ecmig trace check`. */
#pragma once

struct trace_report;

struct trace_page {
    const char *file;
    const struct trace_report *report;
};
