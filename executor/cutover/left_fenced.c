#include "executor/cutover/left_fenced.h"

#include <string.h>

#include "schemas/base/memory.h"

static bool is_among(const struct many *nodes, const char *address) {
    for (size_t i = 0; i < nodes->count; i++)
        if (strcmp(redis_name(nodes->items[i]), address) == 0)
            return true;
    return false;
}

void left_fenced_say(struct site *site, const struct pairs *before, const struct many *lifted,
                     const char *step, struct json *record) {
    AUTO(json_free) struct json *left = json_new_array();
    for (size_t i = 0; i < before->count; i++) {
        const char *space = strchr(before->items[i].name, ' ');
        if (!space || strcmp(space, " write") != 0)
            continue;
        AUTO(string_free)
        char *address =
            xasprintf("%.*s", (int)(space - before->items[i].name), before->items[i].name);
        const char *colon = strrchr(address, ':');
        if (!colon || is_among(lifted, address))
            continue;
        json_append(left, json_new_string(address));
        events_warn(site->events, step,
                    "the fence of '%s' was not lifted, because the source does not have that node "
                    "now: it refuses writes if it is promoted. When it is back: "
                    "redis-cli -h %.*s -p %s CONFIG SET min-replicas-to-write %s",
                    address, (int)(colon - address), address, colon + 1, before->items[i].value);
    }
    if (record && json_count(left))
        json_put(record, "left_fenced", TAKE(left));
}
