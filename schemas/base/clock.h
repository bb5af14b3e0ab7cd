/* The three clocks, each with its own name so that they cannot be mixed up:
 * _at_ms is wall time since 1970 (for people and signatures), _mono_ms stops while the machine
 * sleeps (for deadlines), _boot_ms advances while it sleeps (for "is what I knew still true"). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/language.h"

#define CLOCK_TEXT_BYTES 32

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);
int64_t clock_boot_ms(void);
void clock_sleep_ms(int64_t milliseconds); /* comes back early for a signal */

/* Milliseconds left until a monotonic deadline, 0 when it has passed, as poll(2) takes it. */
int clock_left_ms(int64_t deadline_mono_ms);
/* Who only looks may be called off: from here on, and in this thread, every deadline has passed
 * once `wanted` says so; a wait that could be long asks again in slices. Never around what changes
 * something. NULL: deadlines are deadlines. */
#define CLOCK_SLICE_MS 200
void clock_watch(bool (*wanted)(void *context), void *context);
bool clock_called_off(void);
int clock_slice_ms(int64_t deadline_mono_ms); /* clock_left_ms, a slice at most while watched */

void clock_format(int64_t at_ms, char out[CLOCK_TEXT_BYTES]);         /* 2026-11-22T10:15:00.000Z */
void clock_format_seconds(int64_t at_ms, char out[CLOCK_TEXT_BYTES]); /* 2026-11-22T10:15:00Z */
void clock_format_compact(int64_t at_ms, char out[CLOCK_TEXT_BYTES]); /* 20261122T101500Z */
/* ISO 8601 with a time zone ("Z", an offset such as +00:00, or "UTC"), with or without fraction. */
MUST_CHECK bool clock_parse(const char *string, int64_t *at_ms);
