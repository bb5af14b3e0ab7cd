#include "planner/layout.h"

#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/slots.h"

const struct observed_shard *layout_find(const struct observed_source *source, const char *slots) {
    AUTO(error_clear) struct error err = { 0 };
    struct slots wanted = { 0 };
    if (!slots || !slots_parse(slots, strlen(slots), &wanted, &err) || !slots_count(&wanted))
        return NULL;
    AUTO(string_free) char *text = slots_text(&wanted);
    for (size_t i = 0; i < source->shards.count; i++) {
        const struct observed_shard *shard = &source->shards.items[i];
        if (shard->slots && strcmp(shard->slots, text) == 0)
            return shard;
    }
    return NULL;
}

bool layout_is_equal(const struct observed_source *source, const struct observed_target *target) {
    for (size_t i = 0; i < target->shard_list.count; i++)
        if (!layout_find(source, target->shard_list.items[i].slots))
            return false;
    return true;
}

bool layout_is_creatable(const struct observed_source *source) {
    for (size_t i = 0; i < source->shards.count; i++) {
        const char *slots = source->shards.items[i].slots;
        if (slots && strchr(slots, ','))
            return false;
    }
    return true;
}
