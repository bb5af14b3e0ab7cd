/* How many databases the target has, so that checks of keys, settings and clients agree. */
#pragma once

#include "planner/situation.h"

/* The parameter that decides it: "databases", or in cluster mode "cluster-databases"; NULL in
 * cluster mode before Valkey 9, where it is one. */
const char *databases_parameter(const struct situation *situation);
/* Once the steps of the plan are done; 0: not known. */
int64_t databases_of_target(const struct situation *situation);
