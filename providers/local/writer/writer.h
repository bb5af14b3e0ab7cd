/* The writer's process. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/local/state/state.h"

/* Starts it (from where it left off) unless it runs. It holds the network, too: another endpoint
 * that got the addresses of dead nodes would get its writes. */
MUST_CHECK bool writer_start(const char *dir, const struct shards *shards,
                             int64_t writes_per_second, int claim_fd, struct error *err);
bool writer_stop(const char *dir);
bool writer_runs(const char *dir);
