/* What several kinds of step need. */
#include "planner/steps/step.h"

#include <string.h>

#include "planner/layout.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

bool before_promotion(const struct situation *situation) {
    return !situation->promoted;
}

int64_t write_pause_s(const struct situation *situation) {
    int64_t seconds = situation->config->cutover.max_write_pause_ms / 1000;
    return seconds ? seconds : 1;
}

const char *step_id_of(const struct plan_core *core, enum step_kind kind) {
    for (size_t i = 0; i < core->steps.count; i++)
        if (core->steps.items[i].kind == kind)
            return core->steps.items[i].id;
    return "the switch";
}

const char *migration_address(const struct situation *situation) {
    const char *started_from = situation->observed->history.started_from;
    const char *followed = situation->observed->target.replicates_from;
    if (situation->replicating && !situation->clustered && followed)
        return followed;
    if (situation->replicating && started_from)
        return started_from;
    return situation->promoted && started_from ? started_from
                                               : observed_service_address(situation->primary);
}

void describe_verify(const struct config_verify_step *verify, struct text *reason) {
    switch (verify->mode) {
    case VERIFY_FULL:
        text_add(reason, "compare every key");
        return;
    case VERIFY_SAMPLE:
        text_add(reason, "compare ");
        units_add_count(reason, verify->keys);
        text_add(reason, " keys");
        return;
    case VERIFY_COUNT:
    case VERIFY_NONE:
        text_add(reason, "compare key counts");
        return;
    }
}

void describe_changes(const struct plan_step *step, struct text *reason) {
    for (size_t i = 0; i < step->effects.count; i++) {
        const struct plan_effect *effect = &step->effects.items[i];
        const char *dot = strchr(effect->field, '.');
        text_addf(reason, "%s%s \"%s\" -> \"%s\"", i ? ", " : "", dot ? dot + 1 : effect->field,
                  effect->before ? effect->before : "", effect->after ? effect->after : "");
    }
}

const char *usual_range(const struct situation *situation, const char *range) {
    return situation_service_is_local(situation) ? "seconds" : range;
}

void effect_add(struct plan_step *step, const char *field, const char *before, const char *after) {
    *LIST_ADD(&step->effects) = (struct plan_effect){ .field = xstrdup(field),
                                                      .before = xstrdup(before),
                                                      .after = xstrdup(after) };
}

void effect_of_shard(struct plan_step *step, size_t index, const char *name, const char *before,
                     const char *after) {
    AUTO(string_free) char *field = xasprintf("target.shard_list[%zu].%s", index, name);
    if (before || after)
        effect_add(step, field, before, after);
}

void effects_of_shards(const struct situation *situation, struct plan_step *step, bool starts) {
    const struct observed_target *target = &situation->observed->target;
    for (size_t i = 0; i < target->shard_list.count; i++) {
        const struct observed_target_shard *shard = &target->shard_list.items[i];
        const struct observed_shard *own = layout_find(&situation->observed->source, shard->slots);
        const char *from = shard->replicates_from ? shard->replicates_from
                           : own                  ? own->primary
                                                  : NULL;
        effect_of_shard(step, i, "replicates_from", starts ? NULL : from, starts ? from : NULL);
        effect_of_shard(step, i, "role", starts ? "master" : "slave", starts ? "slave" : "master");
    }
}

void effects_of_differences(const struct situation *situation, enum modify_part part,
                            struct plan_step *step) {
    AUTO(differences_clear) struct differences changes = { 0 };
    modify_differences(situation, part, &changes);
    for (size_t i = 0; i < changes.count; i++) {
        AUTO(string_free) char *field = xasprintf("target.%s", changes.items[i].field);
        effect_add(step, field, changes.items[i].seen, changes.items[i].wanted);
    }
}
