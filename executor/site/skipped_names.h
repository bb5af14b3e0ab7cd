/* Which commands a node of the target cannot know, for the message about what it skipped. */
#pragma once

#include "executor/site/site.h"

/* The writes in the source's commandstats that this node (of site->targets) does not know, with
 * their calls, and the node's errorstats. Never NULL; the caller frees. */
char *skipped_names(struct site *site, size_t target);
