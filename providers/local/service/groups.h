/* What groups become by themselves: they are created, modified and deleted after a while, migrate,
 * and replace nodes that died. */
#pragma once

#include <stdbool.h>

#include "providers/local/state/endpoint.h"

/* Brings every group forward as far as time and its nodes allow. */
void groups_advance(struct endpoint *endpoint);
bool groups_are_busy(const struct endpoint *endpoint);
