/* The sizes that the source's memory has room for, from the sizes of its data. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "planner/situation.h"

/* The backlog, the replica's output buffer, and what a comparison takes. */
void sizes_fit(struct situation *situation);
/* A number as CONFIG GET shows it, alone or first of several. */
bool setting_number(const char *string, int64_t *out);
