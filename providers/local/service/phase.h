/* Phases of a group, as state.h lists them. */
#pragma once

#include <stdint.h>

#include "providers/local/state/endpoint.h"

/* The group is in that phase for delay_ms; groups_advance takes it from there. */
void group_enter(struct endpoint *endpoint, struct group *group, enum group_phase phase,
                 int64_t delay_ms);
