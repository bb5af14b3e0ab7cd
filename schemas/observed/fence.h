/* The values that ecmig sets on the source, told from everybody else's. Pure.
 *
 * The fence is min-replicas-to-write far above any number of replicas: 2^30 plus 30 bits of the
 * run's name, so that another run's fence is told apart. The marker of a drill is a lag limit that
 * differs by one from the value before it. */
#pragma once

#include <stdbool.h>

char *fence_value(const char *run);         /* the caller frees */
bool fence_is_any(const char *write_value); /* some run's fence, ours or not */
char *marker_value(const char *before);     /* the caller frees */
