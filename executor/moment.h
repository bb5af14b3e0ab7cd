/* The moments at which a process may die, numbered as they pass: before and after every record, and
 * after every effect before it is recorded.
 *
 * For rehearsals and tests alone: with ECMIG_TEST_MOMENT=N in the environment the process ends
 * itself with SIGKILL at the Nth moment; with a name instead, as "after CLIENT PAUSE", at the first
 * moment of that name, with +N behind at the Nth after it. With :stop at the end it stops itself
 * with SIGSTOP. Without it nothing happens. */
#pragma once

#include <stdint.h>

void moment(const char *name);
/* The variable of this page that is set, or NULL. A process that may touch a production system
 * refuses to run under one: they end it, or shorten what keeps a write safe. */
const char *moment_variable(void);
/* How long a signed request is taken to live: `real_ms`, or ECMIG_TEST_SIGNATURE_MS, since a test
 * cannot wait a quarter of an hour for a process that it knows to be dead. */
int64_t moment_signature_ms(int64_t real_ms);

/* How long something about the lock lasts. With ECMIG_TEST_LOCK_MS=N in the environment a lock
 * lasts N milliseconds instead of 15 minutes, and everything measured against it (renewal,
 * freshness before an effect, standstill, retries of a push) shrinks in proportion, so that tests
 * see locks expire. */
#define MOMENT_LOCK_MS (15 * 60 * 1000)
int64_t moment_span_ms(int64_t span_ms);
