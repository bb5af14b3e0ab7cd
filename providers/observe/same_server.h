/* Whether an address is a server's own, or of something that passes connections on. */
#pragma once

#include "providers/observe/observe.h"

/* Asks at the address of a node that answered over a few connections of their own; sets
 * node->shares_address when one of them reached another server. */
void observe_same_server(const struct observe_source_options *options, struct observed_node *node);
