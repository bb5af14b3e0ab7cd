#include "providers/local/actions/layout.h"

#include <stdlib.h>
#include <string.h>

#include "providers/local/actions/parameter_sets.h"
#include "providers/local/machine/cluster.h"
#include "schemas/base/memory.h"
#include "schemas/base/slots.h"

#define SHARD_MAXIMUM 500
#define SHARD_NODE_MAXIMUM 6
#define NODE_MAXIMUM 500
#define LIST "NodeGroupConfiguration.NodeGroupConfiguration"

static bool refuse_combination(struct request *request, const char *why) {
    return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION, "%s", why);
}

/* A member that has none of the fields ends the list. */
static bool is_configured(const struct request *request, size_t number) {
    static const char *const fields[] = { "NodeGroupId", "Slots", "ReplicaCount",
                                          "PrimaryAvailabilityZone",
                                          "ReplicaAvailabilityZones.AvailabilityZone.1" };
    for (size_t i = 0; i < COUNT(fields); i++)
        if (form_member(request->form, LIST, number, fields[i]))
            return true;
    return false;
}

static bool count_shards(struct request *request, size_t *shards, size_t *configured) {
    int64_t wanted = 0;
    if (!request_int(request, "NumNodeGroups", 1, SHARD_MAXIMUM, &wanted))
        return false;
    while (*configured <= SHARD_MAXIMUM && is_configured(request, *configured + 1))
        ++*configured;
    if (*configured > SHARD_MAXIMUM || (wanted && *configured && (size_t)wanted != *configured))
        return refuse_combination(request, "The number of NodeGroupConfiguration values must match "
                                           "NumNodeGroups.");
    *shards = *configured ? *configured : wanted ? (size_t)wanted : 1;
    return true;
}

static bool read_mode(struct request *request, const struct parameter_set *set, size_t shards,
                      bool *cluster) {
    const char *mode = request_value(request, "ClusterMode");
    bool enabled = mode && strcmp(mode, "enabled") == 0;
    if (mode && !enabled && strcmp(mode, "disabled") != 0)
        return refuse(request->refusal, API_ERROR_PARAMETER_COMBINATION,
                      "The local endpoint does not offer ClusterMode %s yet.", mode);
    *cluster = set ? set->cluster : shards > 1 || enabled;
    if (*cluster != enabled && mode)
        return refuse_combination(request, "ClusterMode does not match the parameter group and the "
                                           "number of node groups.");
    if (shards > 1 && !*cluster)
        return refuse_combination(request, "Several node groups need a parameter group with "
                                           "cluster-enabled=yes.");
    return true;
}

static bool read_nodes(struct request *request, size_t shards, struct layout *layout) {
    int64_t replicas = -1, clusters = 0;
    if (!request_int(request, "NumCacheClusters", 1, SHARD_NODE_MAXIMUM, &clusters) ||
        !request_int(request, "ReplicasPerNodeGroup", 0, SHARD_NODE_MAXIMUM - 1, &replicas))
        return false;
    size_t total = 0;
    for (size_t i = 0; i < shards; i++) {
        const char *own = form_member(request->form, LIST, i + 1, "ReplicaCount");
        int64_t here = own ? strtoll(own, NULL, 10) : replicas;
        if (here > SHARD_NODE_MAXIMUM - 1 || here < -1 || (own && here < 0) ||
            (clusters && (here >= 0 || layout->cluster)))
            return refuse_combination(request, "NumCacheClusters cannot be used together with "
                                               "NumNodeGroups and ReplicasPerNodeGroup.");
        layout->items[i].node_count = here >= 0 ? here + 1 : clusters ? clusters : 1;
        total += (size_t)layout->items[i].node_count;
    }
    return total <= NODE_MAXIMUM ||
           refuse(request->refusal, API_ERROR_NODE_QUOTA,
                  "The request exceeds %d nodes per cluster.", NODE_MAXIMUM);
}

static bool read_id(struct request *request, size_t number, char **out) {
    const char *own = form_member(request->form, LIST, number, "NodeGroupId");
    if (own && (strlen(own) > 4 || !*own || own[strspn(own, "0123456789")]))
        return refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid NodeGroupId: %s", own);
    *out = xasprintf("%04ld", own ? strtol(own, NULL, 10) : (long)number);
    return true;
}

/* All shards say theirs, or none does. */
static bool read_slots(struct request *request, struct layout *layout) {
    struct slots all = { 0 };
    size_t said_count = 0;
    for (size_t i = 0; i < layout->count; i++) {
        AUTO(error_clear) struct error err = { 0 };
        struct slots slots = { 0 };
        const char *own = form_member(request->form, LIST, i + 1, "Slots");
        layout->items[i].slots = own ? xstrdup(own) : cluster_equal_slots(i, layout->count);
        if (!own)
            continue;
        said_count++;
        if (!slots_parse(own, strlen(own), &slots, &err) || !slots_count(&slots) ||
            slots_overlap(&all, &slots))
            return refuse(request->refusal, API_ERROR_PARAMETER_VALUE, "Invalid slots: %s", own);
        slots_add_all(&all, &slots);
    }
    return !said_count || (said_count == layout->count && slots_count(&all) == SLOT_COUNT) ||
           refuse(request->refusal, API_ERROR_PARAMETER_VALUE,
                  "The slots of all node groups must be specified, and cover 0-16383.");
}

static bool read_layout(struct request *request, const struct parameter_set *set,
                        struct layout *layout) {
    size_t shards = 0, configured = 0;
    if (!count_shards(request, &shards, &configured) ||
        !read_mode(request, set, shards, &layout->cluster))
        return false;
    for (size_t i = 0; i < shards; i++)
        (void)LIST_ADD(layout);
    for (size_t i = 0; i < shards; i++)
        if (!read_id(request, i + 1, &layout->items[i].id))
            return false;
    if (!read_nodes(request, shards, layout))
        return false;
    if (layout->cluster)
        return read_slots(request, layout);
    return !form_member(request->form, LIST, 1, "Slots") ||
           refuse_combination(request, "Slots need cluster mode.");
}

bool layout_read(struct request *request, const struct parameter_set *set, struct layout *out) {
    AUTO(layout_clear) struct layout layout = { 0 };
    if (!read_layout(request, set, &layout))
        return false;
    *out = MOVE(layout);
    return true;
}

static void layout_shard_clear(struct layout_shard *shard) {
    free(shard->id);
    free(shard->slots);
}

void layout_clear(struct layout *layout) {
    if (!layout)
        return;
    LIST_CLEAR(layout, layout_shard_clear);
}
