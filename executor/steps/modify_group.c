/* Gives a group that exists the shape of the file, and waits until the service has finished. */
#include <string.h>

#include "executor/steps/target_values.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/observed/mark.h"
#include "schemas/observed/properties.h"

#define CALL_MS 60000

/* The fields that the step's effects name, borrowed from the file. */
static void choose(const struct step_run *run, const struct config_target *wanted,
                   struct config_target *change, bool *own_parameter_group) {
    *change = (struct config_target){ .replication_group = wanted->replication_group,
                                      .shards = SHAPE_UNSET,
                                      .replicas_per_shard = SHAPE_UNSET,
                                      .multi_az = TRI_UNSET };
    for (size_t i = 0; i < run->step->effects.count; i++) {
        const char *field = run->step->effects.items[i].field + strlen("target.");
        const struct target_property *property = property_find(field);
        if (property)
            property_borrow(property, wanted, change);
        else if (strncmp(field, "parameters.", 11) == 0)
            change->parameters = wanted->parameters;
        else if (strcmp(field, "parameter_group") == 0)
            *own_parameter_group = true;
    }
}

/* What the file wants only once the migration is over. */
static void choose_later(const struct step_run *run, struct config_target *wanted,
                         struct config_target *change) {
    const struct config_after_cutover *after = &run->site->config->target.after_cutover;
    *wanted = run->site->config->target;
    wanted->node_type = after->node_type;
    wanted->snapshot_window = after->snapshot_window;
    choose(run, wanted, change, &(bool){ false });
}

static int64_t retention_of(const struct step_run *run) {
    for (size_t i = 0; i < run->step->effects.count; i++)
        if (strcmp(run->step->effects.items[i].field, "target.snapshot_retention_days") == 0)
            return run->site->config->target.after_cutover.snapshot_retention_days;
    return 0;
}

static bool send(struct step_run *run, const struct observed_target *target, struct error *err) {
    struct config_target wanted, later;
    AUTO(pairs_clear) struct pairs tags = { 0 };
    const struct config_target present = { .engine = target->engine,
                                           .engine_version = target->engine_version };
    bool own_parameter_group = false;
    if (strcmp(run->step->key, step_key_modify_group_later) == 0)
        choose_later(run, &later, &wanted);
    else
        choose(run, &run->site->config->target, &wanted, &own_parameter_group);
    pairs_set(&tags, MARK_TAG_RUN, journal_run(run->site->journal));
    pairs_set(&tags, MARK_TAG_MIGRATION, run->site->config->migration);
    const struct group_change change = { .wanted = &wanted,
                                         .present = &present,
                                         .cluster_mode = target->cluster_enabled,
                                         .own_parameter_group = own_parameter_group,
                                         .run_tags = &tags,
                                         .snapshot_retention_days = retention_of(run) };
    return elasticache_modify(run->site->service, &change, clock_mono_ms() + CALL_MS, err);
}

static bool modify(struct step_run *run, struct error *err) {
    return target_change(run, &(struct target_order){ .send = send }, err);
}

const struct step_runner step_modify_group = { .changes_group = true,
                                               .probe = target_probe,
                                               .run = modify };
