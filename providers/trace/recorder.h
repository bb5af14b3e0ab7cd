/* The recorder of --trace: what is exchanged with the service and with Redis servers, and the
 * events of a run, as lines of a file (schemas/trace/README.md).
 *
 * One of a process, because what it records is everything of it. Any thread may record; a process
 * that was forked off does not. Begun before the first connection. A file that cannot be written
 * any longer ends the trace and nothing else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/json/json.h"
#include "schemas/trace/aliases.h"

struct trace_options {
    const char *path;
    const char *command;  /* "plan" */
    size_t ceiling_bytes; /* of the whole file; 0: TRACE_CEILING_BYTES */
};

/* Makes the file, readable by its owner alone, or continues a trace that is there: a header
 * tells the processes apart. ERROR_CONFLICT for any other file, ERROR_IO. */
MUST_CHECK bool trace_begin(const struct trace_options *options, struct error *err);
bool trace_is_on(void);
/* A name that will be met. Without a trace nothing. */
void trace_learn(enum alias_kind kind, const char *original);
void trace_event(const struct json *event);
/* The last line. False when the trace is incomplete, with *err to say why; true also without one.
 */
MUST_CHECK bool trace_finish(int exit_code, struct error *err);
