/* The form of a trace: lines of JSON, described in README.md. */
#pragma once

#include <stddef.h>

#define TRACE_FORMAT "ecmig-trace"
#define TRACE_VERSION "1.0"
#define TRACE_VERSION_MAJOR 1

/* A header begins the lines of a process; nobody's placeholders are those of another's. */
#define TRACE_HEADER "header"
#define TRACE_API "api"
#define TRACE_REDIS "redis"
#define TRACE_EVENT "event"
#define TRACE_END "end"

#define TRACE_LINE_CEILING_BYTES ((size_t)4 << 20)
#define TRACE_CEILING_BYTES ((size_t)256 << 20)
