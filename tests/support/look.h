/* What the tests of the observation share: a file that names a source, and a look at it. */
#pragma once

#include "providers/observe/observe.h"
#include "providers/redis/topology.h"

#define LOOK_TIMEOUT_MS 3000
#define LOOK_SETTLED_MS 30000 /* until a failover must be over */
#define LOOK_NOBODY "127.77.42.1:1"

void look_set_source(struct config *config, enum config_topology topology, const char *seed);
void look_around(const struct config *config, struct observed *out);
void look_discover(const struct config *config, struct topology *out);
