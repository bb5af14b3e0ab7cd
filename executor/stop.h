/* The wish to stop: INT, TERM and HUP are blocked and read in the loop, so that no handler does
 * work, and an own deadline counts as the same wish. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"

struct stop;

/* deadline_mono_ms 0: none. Blocks the signals for the process. */
MUST_CHECK bool stop_open(int64_t deadline_mono_ms, struct stop **out, struct error *err);
void stop_close(struct stop *stop);
AUTO_POINTER(struct stop, stop_close)

bool stop_wanted(struct stop *stop);        /* looks, never waits; stays true */
bool stop_insisted(struct stop *stop);      /* a second INT at least a second after the first */
const char *stop_reason(struct stop *stop); /* "interrupted by SIGINT", "the deadline has passed" */
/* Sleeps, and comes back early when stopping is wanted; NULL only sleeps. */
void stop_sleep(struct stop *stop, int64_t milliseconds);
