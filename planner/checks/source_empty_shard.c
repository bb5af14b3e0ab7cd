#include "planner/checks/check.h"

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_source *source = &input->observed->source;
    for (size_t i = 0; input->situation->clustered && i < source->shards.count; i++) {
        const struct observed_shard *shard = &source->shards.items[i];
        if (shard->primary && (!shard->slots || !*shard->slots))
            check_found(input, out, shard->primary, "a primary without slots");
    }
}

const struct check check_source_empty_shard = {
    .title = "Every primary of the source serves slots",
    .reads = "CLUSTER NODES",
    .cause = "A primary of the cluster serves no slots. Online migration pairs shards by their "
             "slots, and both sides must have the same number.",
    .risk = "The service may refuse the number of shards, and no shard of the target would follow "
            "this primary.",
    .remedy = "make it a replica (CLUSTER REPLICATE), give it slots, or remove it (CLUSTER FORGET)",
    .severity = SEVERITY_ERROR,
    .run = run,
};
