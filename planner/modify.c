#include "planner/modify.h"

#include <stdio.h>
#include <string.h>

#include "planner/iam.h"
#include "planner/version.h"
#include "schemas/base/memory.h"
#include "schemas/observed/properties.h"

#define REPLICAS "replicas_per_shard"
#define REPLICAS_CEILING 5

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

bool modify_is_possible(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    return situation->mode == PLAN_MIGRATE && target->exists && target->status &&
           strcmp(target->status, "available") == 0 && !situation->config->target.managed_by &&
           !situation->replicating && !situation->promoted && !situation->finished &&
           !situation_followed(target);
}

static bool is_older(const char *wanted, const char *seen) {
    int major = 0, minor = 0, patch = 0;
    return sscanf(seen, "%3d.%3d.%3d", &major, &minor, &patch) >= 2 &&
           version_below(wanted, major, minor, patch);
}

static bool is_another_engine(const struct situation *situation) {
    const char *wanted = situation->config->target.engine,
               *seen = situation->observed->target.engine;
    return wanted && seen && strcmp(wanted, seen) != 0;
}

static bool can_set_parameters(const struct situation *situation) {
    const char *group = situation->observed->target.parameter_group;
    return group && config_may_set_parameters(&situation->config->target, group);
}

/* The service's own groups cannot be changed: without one of its own, the target could not be
 * fenced later. A group that others may share stays, and so does one that the file leaves alone. */
bool modify_gets_parameter_group(const struct situation *situation) {
    const char *group = situation->observed->target.parameter_group;
    return modify_is_possible(situation) && iam_modifies(situation->config) && group &&
           begins(group, "default.");
}

static const char *replicas_obstacle(const struct situation *situation) {
    int64_t wanted = situation->config->target.replicas_per_shard;
    if (wanted > REPLICAS_CEILING)
        return "change the file: a shard has at most five replicas";
    return wanted < situation->observed->target.replicas_per_shard
               ? "change the file, or remove replicas first (DecreaseReplicaCount)"
               : NULL;
}

const char *modify_obstacle(const struct situation *situation,
                            const struct difference *difference) {
    const char *field = difference->field;
    const struct target_property *property = property_find(field);
    if (!modify_is_possible(situation))
        return "change the group or the file: ecmig changes a group only while it is available and "
               "follows no source";
    if (property && property->fixed)
        return property->fixed;
    if (strcmp(field, "parameters.databases") == 0 ||
        strcmp(field, "parameters.cluster-databases") == 0)
        return "change the file, or attach a parameter group that has this value: it cannot be "
               "changed while a group uses it";
    if (strcmp(field, "engine_version") == 0 && is_another_engine(situation))
        return "change the file: it is a version of another engine";
    if (strcmp(field, "engine_version") == 0 && difference->seen &&
        is_older(difference->wanted, difference->seen))
        return "change the file: the service cannot downgrade an engine version";
    if (strcmp(field, REPLICAS) == 0)
        return replicas_obstacle(situation);
    if (begins(field, "parameters.") && !can_set_parameters(situation))
        return "set it in the group's own parameter group, which others may use, or change the "
               "file";
    return NULL;
}

void modify_differences(const struct situation *situation, enum modify_part part,
                        struct differences *out) {
    AUTO(differences_clear) struct differences all = { 0 };
    if (!modify_is_possible(situation))
        return;
    diff_target(&situation->config->target, &situation->observed->target, &all);
    for (size_t i = 0; i < all.count; i++) {
        struct difference *one = &all.items[i];
        if (modify_part_of(one->field) != part || modify_obstacle(situation, one))
            continue;
        *LIST_ADD(out) = MOVE(*one);
    }
    if (part == MODIFY_GROUP && modify_gets_parameter_group(situation))
        *LIST_ADD(out) = (struct difference){
            .field = xstrdup("parameter_group"),
            .wanted = config_parameter_group(situation->config->target.replication_group),
            .seen = xstrdup(situation->observed->target.parameter_group),
        };
}

bool modify_has_differences(const struct situation *situation, enum modify_part part) {
    AUTO(differences_clear) struct differences changes = { 0 };
    modify_differences(situation, part, &changes);
    return changes.count > 0;
}

bool modify_changes(const struct situation *situation, const char *field) {
    AUTO(differences_clear) struct differences changes = { 0 };
    modify_differences(situation, MODIFY_GROUP, &changes);
    for (size_t i = 0; i < changes.count; i++)
        if (strcmp(changes.items[i].field, field) == 0)
            return true;
    return false;
}

int64_t modify_replicas(const struct situation *situation) {
    AUTO(differences_clear) struct differences changes = { 0 };
    modify_differences(situation, MODIFY_REPLICAS, &changes);
    return changes.count ? situation->config->target.replicas_per_shard
                         : situation->observed->target.replicas_per_shard;
}

const char *modify_version(const struct situation *situation) {
    return modify_changes(situation, "engine_version") ? situation->config->target.engine_version
                                                       : situation_target_version(situation);
}

const char *modify_node_type(const struct situation *situation) {
    return modify_changes(situation, "node_type") ? situation->config->target.node_type
                                                  : situation_target_node_type(situation);
}

/* Of a group that does not exist the observation has the defaults. */
const char *modify_parameter(const struct situation *situation, const char *name) {
    const struct observed_target *target = &situation->observed->target;
    AUTO(string_free) char *field = xasprintf("parameters.%s", name);
    const char *wanted = pairs_find(&situation->config->target.parameters, name);
    bool will_be = target->exists ? modify_changes(situation, field) : wanted != NULL;
    return will_be ? wanted : pairs_find(&target->parameters, name);
}

bool tls_is_offered(const struct situation *situation) {
    const char *engine = situation_target_engine(situation);
    return engine &&
           (strcmp(engine, "valkey") == 0 || version_at_least(modify_version(situation), 7, 0, 0));
}
