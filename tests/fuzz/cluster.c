#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "providers/redis/cluster.h"
#include "tests/support/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void look(const struct cluster_view *view) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    if (topology_of_view(view, &topology, &err))
        free(topology_difference(&topology, &topology));
}

static void read_reply(const void *bytes, size_t length) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(cluster_view_clear) struct cluster_view slots = { 0 }, shards = { 0 };
    if (!redis_decode(bytes, length, &reply, &err) || !reply)
        return;
    if (cluster_slots_read(reply, "h", &slots, &err))
        look(&slots);
    error_clear(&err);
    if (cluster_shards_read(reply, "h", &shards, &err))
        look(&shards);
}

/* The text of CLUSTER NODES, and the lists of the others in the protocol's own form. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    uint64_t hash = 0;
    unsigned flags = 0;
    if (cluster_nodes_read((const char *)bytes, length, "h", &view, &err) &&
        (look(&view), !cluster_nodes_hash((const char *)bytes, length, &hash, &flags, &err)))
        abort(); /* whatever the one can read, the other can */
    read_reply(bytes, length);
    return 0;
}
