/* Runs the checks table over a situation and collects what it finds. */
#pragma once

#include <stddef.h>

#include "planner/checks/check.h"

/* Sorted, errors first; those that the migration file waives carry the reason. */
void preflight(const struct situation *situation, struct findings *out);
const struct check *check_find(const char *id);
