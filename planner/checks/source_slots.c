#include "planner/checks/check.h"

#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/slots.h"

/* What two shards say that they serve; the map is by first slot. */
static void find_twice(const struct observed_source *source, struct slots *all,
                       struct slots *twice) {
    for (size_t i = 0; i < source->shards.count; i++) {
        AUTO(error_clear) struct error err = { 0 };
        struct slots own = { 0 };
        const char *text = source->shards.items[i].slots;
        if (!text || !slots_parse(text, strlen(text), &own, &err))
            continue;
        for (int slot = 0; slot < SLOT_COUNT; slot++)
            if (slots_have(&own, slot) && slots_have(all, slot))
                slots_add(twice, slot, slot);
        slots_add_all(all, &own);
    }
}

static void add_missing(const struct slots *all, struct slots *missing) {
    for (int slot = 0; slot < SLOT_COUNT; slot++)
        if (!slots_have(all, slot))
            slots_add(missing, slot, slot);
}

static void say(const struct check_input *input, const struct slots *slots, const char *summary,
                struct findings *out) {
    if (!slots_count(slots))
        return;
    AUTO(string_free) char *text = slots_text(slots);
    finding_detail(check_found(input, out, "the cluster", "%s", summary), "slots %s", text);
}

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_source *source = &input->observed->source;
    struct slots all = { 0 }, twice = { 0 }, missing = { 0 };
    if (!input->situation->clustered || !source->shards.count)
        return;
    find_twice(source, &all, &twice);
    add_missing(&all, &missing);
    for (size_t i = 0; i < source->agreement.unserved.count; i++) {
        AUTO(error_clear) struct error err = { 0 };
        struct slots more = { 0 };
        const char *text = source->agreement.unserved.items[i];
        if (slots_parse(text, strlen(text), &more, &err))
            slots_add_all(&missing, &more);
    }
    say(input, &twice, "slots are served by two primaries", out);
    say(input, &missing, "slots are not served by any primary", out);
}

const struct check check_source_slots = {
    .title = "Every slot is served by exactly one primary",
    .reads = "CLUSTER NODES",
    .cause = "The shards of the cluster do not cover the 16,384 slots exactly: some slots have no "
             "primary, or two.",
    .risk = "No shard of the target can follow those slots: StartMigration fails, or keys are not "
            "copied.",
    .remedy = "give every slot to one primary (redis-cli --cluster fix ADDRESS), then plan again",
    .severity = SEVERITY_ERROR,
    .run = run,
};
