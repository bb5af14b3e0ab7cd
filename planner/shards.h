/* The shards of a source in few words: a handful one by one; of many what they have in common, and
 * those that differ. */
#pragma once

#include "planner/situation.h"
#include "schemas/base/text.h"

/* Lines that begin with a line break; nothing for a source that is not in cluster mode. */
void shards_describe(const struct situation *situation, struct text *text);
