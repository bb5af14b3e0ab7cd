/* The replication group, where the file says that it is created. */
#include <inttypes.h>

#include "planner/layout.h"
#include "planner/steps/step.h"
#include "schemas/base/memory.h"

static void describe(const struct step_words *of, struct text *reason) {
    const struct situation *now = of->now;
    text_addf(reason, "replication group %s%s, TLS off while copying", of->step->object,
              !now->clustered                               ? ""
              : layout_is_creatable(&now->observed->source) ? ", slots as on the source"
                                                            : ", in cluster mode");
}

static void add_target(struct plan_step *step, const char *name, const char *value) {
    AUTO(string_free) char *field = xasprintf("target.%s", name);
    if (value)
        effect_add(step, field, NULL, value);
}

static void add_number(struct plan_step *step, const char *name, int64_t number,
                       int64_t otherwise) {
    AUTO(string_free)
    char *value = xasprintf("%" PRId64, number == SHAPE_UNSET ? otherwise : number);
    add_target(step, name, value);
}

static void add_pairs(struct plan_step *step, const char *prefix, const struct pairs *pairs) {
    for (size_t i = 0; i < pairs->count; i++) {
        AUTO(string_free) char *name = xasprintf("%s.%s", prefix, pairs->items[i].name);
        add_target(step, name, pairs->items[i].value);
    }
}

/* The ranges of the source, so that the service need not move slots before it copies. */
static void add_layout(const struct situation *now, struct plan_step *step) {
    const struct observed_source *source = &now->observed->source;
    size_t number = 0;
    add_target(step, "cluster_enabled", "true");
    for (size_t i = 0; layout_is_creatable(source) && i < source->shards.count; i++) {
        const char *slots = source->shards.items[i].slots;
        if (!slots || !*slots)
            continue;
        AUTO(string_free) char *field = xasprintf("slots %04zu", ++number);
        effect_add(step, field, NULL, slots);
    }
}

/* What is left out of the file is made as a migration needs it: as many shards as the source has,
 * one replica, Multi-AZ. */
static void add_effects(const struct situation *now, struct plan_step *step) {
    const struct config_target *wanted = &now->config->target;
    effect_add(step, "target.exists", "false", "true");
    add_target(step, "engine", wanted->engine);
    add_target(step, "engine_version", wanted->engine_version);
    add_target(step, "node_type", wanted->node_type);
    add_number(step, "shards", wanted->shards, (int64_t)situation_serving_shards(now));
    add_number(step, "replicas_per_shard", wanted->replicas_per_shard, 1);
    add_target(step, "multi_az", wanted->multi_az == TRI_NO ? "disabled" : "enabled");
    add_target(step, "transit_encryption", "false");
    add_target(step, "subnet_group", wanted->subnet_group);
    for (size_t i = 0; i < wanted->security_groups.count; i++) {
        AUTO(string_free) char *name = xasprintf("security_groups[%zu]", i);
        add_target(step, name, wanted->security_groups.items[i]);
    }
    add_target(step, "snapshot_window", wanted->snapshot_window);
    add_pairs(step, "parameters", &wanted->parameters);
    add_pairs(step, "tags", &wanted->tags);
    if (now->clustered)
        add_layout(now, step);
}

static void estimate(const struct situation *now, struct text *range, struct text *basis) {
    text_add(range, usual_range(now, "12-20 min"));
    text_add(basis, "usual for a new group");
}

static unsigned permissions(const struct config *config) {
    unsigned parameters = config->target.parameters.count ? IAM_PARAMETERS : 0;
    return iam_creates(config) ? IAM_CREATE | IAM_TAGS | parameters : 0;
}

const struct planned_step planned_create_group = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = situation_creates,
    .phase = PHASE_PREPARE,
    .action = ACTION_CREATE,
    .precondition = "no group has this name",
    .done_when = "the group is available",
    .attempts = 3,
    .timeout_s = HOURS(1),
    .describe = describe,
    .add_effects = add_effects,
    .estimate = estimate,
    .permissions = permissions,
};
