/* The engines that the checks, the steps and the protocol of the cutover are proven with. */
#pragma once

#include "schemas/observed/observed.h"

/* Redis or Valkey of a version that is known here. */
bool engine_is_proven(const struct observed_node *node);
