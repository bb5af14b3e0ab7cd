/* The replication group, where the file says that it is created. */
#include "planner/layout.h"
#include "planner/steps/step.h"
#include "schemas/base/memory.h"
#include "schemas/observed/properties.h"

static void describe(const struct step_words *of, struct text *reason) {
    const struct situation *situation = of->situation;
    text_addf(reason, "replication group %s%s, TLS off while copying", of->step->object,
              !situation->clustered ? ""
              : layout_is_creatable(&situation->observed->source)
                  ? ", with the source's slot ranges"
                  : ", in cluster mode");
}

static void add_target(struct plan_step *step, const char *name, const char *value) {
    AUTO(string_free) char *field = xasprintf("target.%s", name);
    if (value)
        effect_add(step, field, NULL, value);
}

static void add_pairs(struct plan_step *step, const char *prefix, const struct pairs *pairs) {
    for (size_t i = 0; i < pairs->count; i++) {
        AUTO(string_free) char *name = xasprintf("%s.%s", prefix, pairs->items[i].name);
        add_target(step, name, pairs->items[i].value);
    }
}

/* What is left out of the file is made as a migration needs it: as many shards as the source has,
 * one replica, Multi-AZ. */
static void fill(const struct situation *situation, struct config_target *wanted) {
    if (wanted->shards == SHAPE_UNSET)
        wanted->shards = (int64_t)situation_serving_shards(situation);
    if (wanted->replicas_per_shard == SHAPE_UNSET)
        wanted->replicas_per_shard = 1;
    if (wanted->multi_az == TRI_UNSET)
        wanted->multi_az = TRI_YES;
}

/* A list has an effect for each of its members, in the order of the file. */
static void add_property(const struct target_property *property, const struct config_target *wanted,
                         struct plan_step *step) {
    if (property->type != PROPERTY_LIST) {
        AUTO(string_free) char *value = property_wanted(property, wanted);
        add_target(step, property->name, value);
        return;
    }
    const struct strings *list = property_list(property, wanted);
    for (size_t i = 0; i < list->count; i++) {
        AUTO(string_free) char *name = xasprintf("%s[%zu]", property->name, i);
        add_target(step, name, list->items[i]);
    }
}

/* The ranges of the source, so that the service need not move slots before it copies. */
static void add_layout(const struct situation *situation, struct plan_step *step) {
    const struct observed_source *source = &situation->observed->source;
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

static void add_effects(const struct situation *situation, struct plan_step *step) {
    struct config_target wanted = situation->config->target; /* borrowed */
    const struct target_property *property;
    fill(situation, &wanted);
    effect_add(step, "target.exists", "false", "true");
    for (size_t i = 0; (property = property_at(i)); i++)
        if (property->about == PROPERTY_SHAPE)
            add_property(property, &wanted, step);
    add_target(step, "transit_encryption", "false");
    for (size_t i = 0; (property = property_at(i)); i++)
        if (property->about != PROPERTY_SHAPE)
            add_property(property, &wanted, step);
    AUTO(string_free) char *group = config_parameter_group(wanted.replication_group);
    add_target(step, "parameter_group", group);
    add_pairs(step, "parameters", &wanted.parameters);
    add_pairs(step, "tags", &wanted.tags);
    if (situation->clustered)
        add_layout(situation, step);
}

static void estimate(const struct situation *situation, struct text *range, struct text *basis) {
    text_add(range, usual_range(situation, "12-20 min"));
    text_add(basis, "a guess");
}

static unsigned permissions(const struct config *config) {
    return iam_creates(config) ? IAM_CREATE | IAM_TAGS | IAM_PARAMETERS : 0;
}

const struct planned_step planned_create_group = {
    .modes = IN_MIGRATE,
    .scope = SCOPE_TARGET,
    .when = situation_creates,
    .phase = PHASE_PREPARE,
    .action = ACTION_CREATE,
    .precondition = "the group does not exist",
    .done_when = "the group is available",
    .attempts = 3,
    .timeout_s = HOURS(1),
    .describe = describe,
    .add_effects = add_effects,
    .estimate = estimate,
    .permissions = permissions,
};
