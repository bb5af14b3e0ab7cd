#include "providers/redis/topology.h"

#include <stdlib.h>
#include <string.h>

#include "providers/redis/redis.h"
#include "schemas/base/memory.h"

void topology_of_primary(const char *address, const struct strings *replicas,
                         const struct strings * not, struct topology *out) {
    topology_clear(out);
    struct topology_shard *shard = LIST_ADD(out);
    shard->primary = xstrdup(address);
    for (size_t i = 0; i < replicas->count; i++)
        if (!not || !strings_has(not, replicas->items[i]))
            strings_add(&shard->replicas, replicas->items[i]);
    strings_sort(&shard->replicas);
}

const struct topology_shard *topology_find(const struct topology *topology, const char *address,
                                           bool *is_primary) {
    for (size_t i = 0; i < topology->count; i++) {
        const struct topology_shard *shard = &topology->items[i];
        *is_primary = strcmp(shard->primary, address) == 0;
        if (*is_primary || strings_has(&shard->replicas, address) ||
            strings_has(&shard->others, address))
            return shard;
    }
    return NULL;
}

static char *shard_name(const struct topology_shard *shard) {
    return slots_count(&shard->slots) ? slots_text(&shard->slots) : xstrdup("the source");
}

static char *replica_difference(const struct topology_shard *before,
                                const struct topology_shard *now) {
    AUTO(string_free) char *name = shard_name(now);
    for (size_t i = 0; i < now->replicas.count; i++)
        if (!strings_has(&before->replicas, now->replicas.items[i]))
            return xasprintf("%s is a new replica of %s", now->replicas.items[i], name);
    for (size_t i = 0; i < before->replicas.count; i++)
        if (!strings_has(&now->replicas, before->replicas.items[i]))
            return xasprintf("%s is no longer a replica of %s", before->replicas.items[i], name);
    return NULL;
}

char *topology_difference(const struct topology *before, const struct topology *now) {
    if (before->count != now->count)
        return xasprintf("%zu shards, and %zu before", now->count, before->count);
    for (size_t i = 0; i < now->count; i++) {
        const struct topology_shard *shard = &now->items[i];
        AUTO(string_free) char *name = shard_name(shard);
        AUTO(string_free) char *name_before = shard_name(&before->items[i]);
        if (!slots_equal(&shard->slots, &before->items[i].slots))
            return xasprintf("%s serves %s, and %s before", shard->primary, name, name_before);
        if (strcmp(shard->primary, before->items[i].primary) != 0)
            return xasprintf("%s is now the primary of %s", shard->primary, name);
        char *difference = replica_difference(&before->items[i], shard);
        if (difference)
            return difference;
    }
    return NULL;
}

static void topology_shard_clear(struct topology_shard *shard) {
    free(shard->primary);
    strings_clear(&shard->replicas);
    strings_clear(&shard->others);
    strings_clear(&shard->unproven);
}

void topology_clear(struct topology *topology) {
    if (!topology)
        return;
    LIST_CLEAR(topology, topology_shard_clear);
}
