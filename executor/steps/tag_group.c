/* Gives a group that exists the tags of the file. */
#include <string.h>

#include "executor/steps/target_values.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define CALL_MS 60000

static bool send(struct step_run *run, const struct observed_target *target, struct error *err) {
    AUTO(pairs_clear) struct pairs tags = { 0 };
    for (size_t i = 0; i < run->step->effects.count; i++) {
        const struct plan_effect *effect = &run->step->effects.items[i];
        pairs_set(&tags, effect->field + strlen("target.tags."), effect->after);
    }
    return elasticache_tag(run->site->service, target->arn, &tags, clock_mono_ms() + CALL_MS, err);
}

static bool tag(struct step_run *run, struct error *err) {
    return target_change(run, &(struct target_order){ .send = send }, err);
}

const struct step_runner step_tag_group = { .probe = target_probe, .run = tag };
