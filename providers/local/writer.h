/* The steady writer: a process that appends a growing counter to LOCAL_WRITER_KEY and logs every
 * value that a server acknowledged. Its folder is DIR/writer:
 *   endpoint          HOST:PORT that it writes to; replaced to send it elsewhere
 *   acknowledged.log  a value a line, written after the server's answer
 *   stats.json        see struct writer_stats
 *   pid, log */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"

struct writer_stats {
    int64_t acknowledged_count;
    int64_t longest_wait_ms; /* of one write that stayed without error */
    int64_t refused_ms;      /* from a first error to the next success, summed */
    int64_t error_count;
};

/* Starts it (from where it left off) unless it runs. */
MUST_CHECK bool writer_start(const char *dir, int64_t writes_per_second, struct error *err);
bool writer_stop(const char *dir);
bool writer_runs(const char *dir);
MUST_CHECK bool writer_send_to(const char *dir, const char *address, struct error *err);
MUST_CHECK bool writer_address(const char *dir, char out[300], struct error *err);
MUST_CHECK bool writer_stats_read(const char *dir, struct writer_stats *out, struct error *err);
char *writer_file(const char *dir, const char *name); /* the caller frees */
