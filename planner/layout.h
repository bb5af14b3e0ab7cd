/* Which shard of the source belongs to which of the target: by the slots that both own. */
#pragma once

#include <stdbool.h>

#include "schemas/observed/observed.h"

/* The shard of the source with exactly these slots, however they are written; NULL when there is
 * none. */
const struct observed_shard *layout_find(const struct observed_source *source, const char *slots);
/* Every shard of the target owns what one of the source does. */
bool layout_is_equal(const struct observed_source *source, const struct observed_target *target);
/* Each shard is one range: the service documents no other form for a group that is made. */
bool layout_is_creatable(const struct observed_source *source);
