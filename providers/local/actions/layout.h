/* How many shards and nodes a wanted group has, and which slots. */
#pragma once

#include "providers/local/actions/parameter_sets.h"
#include "providers/local/actions/request.h"

struct layout_shard {
    char *id, *slots; /* slots NULL without cluster mode */
    int64_t node_count;
};
struct layout {
    bool cluster;
    struct layout_shard *items;
    size_t count;
};
/* `set` is the parameter group that the request names; NULL for none. */
MUST_CHECK bool layout_read(struct request *request, const struct parameter_set *set,
                            struct layout *out);
void layout_clear(struct layout *layout);
AUTO_VALUE(struct layout, layout_clear)
