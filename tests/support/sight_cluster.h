#pragma once

#include "tests/support/sight.h"

/* The rest of sight_target_exists() for a source in cluster mode. */
void sight_group_in_cluster_mode(struct sight *sight);
