/* A trace against what ecmig believes: the client's own parsers read each answer again, and tables
 * (beliefs/) say what may stand in it, in which order and how long it may take. Every difference
 * has the line, what differs, and what it would mean.
 *
 * A trace is bytes from outside: bounded, and nothing in it is an error but a difference. */
#pragma once

#include <stddef.h>

#include "schemas/base/findings.h"
#include "schemas/base/language.h"

#define TRACE_DIFFERENCES_CEILING_COUNT ((size_t)1000)

struct trace_report {
    /* id: the kind; line: the first one that shows it; column: on how many lines further it is the
     * same; summary: what differs; remedy: what it would mean. In the order of the lines. */
    struct findings differences;
    size_t lines, processes, calls, replies, events;
    bool is_cut; /* there are more differences than fit */
};
void trace_check(const char *bytes, size_t length, struct trace_report *out);
void trace_report_clear(struct trace_report *report);
AUTO_VALUE(struct trace_report, trace_report_clear)
