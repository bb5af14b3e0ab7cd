#include "providers/elasticache/actions/parameter_group.h"

#include <string.h>

#include "schemas/base/memory.h"

/* By which ours is known. */
static char *words_of(const char *replication_group) {
    return xasprintf("made by ecmig for %s", replication_group);
}

/* True when the group that is there is the one an earlier attempt made. */
static bool take_over(struct elasticache *service, const char *name, const char *description,
                      int64_t deadline_mono_ms, struct error *err) {
    AUTO(string_free) char *found = NULL;
    if (!parameter_group_description(service, name, deadline_mono_ms, &found, err))
        return false;
    if (found && strcmp(found, description) == 0)
        return true;
    error_set(err, ERROR_CONFLICT,
              "parameter group '%s' already exists and was not created by ecmig", name);
    return error_hint(err, "delete it, or create the replication group beforehand");
}

bool parameter_group_make(struct elasticache *service, const struct parameter_group_wish *wish,
                          int64_t deadline_mono_ms, char **name, struct error *err) {
    const struct config_target *target = wish->target;
    AUTO(string_free) char *group = config_parameter_group(target->replication_group);
    AUTO(string_free) char *description = words_of(target->replication_group);
    AUTO(string_free) char *family = NULL;
    AUTO(error_clear) struct error failure = { 0 };
    if (!parameter_group_family(service, target->engine, target->engine_version, deadline_mono_ms,
                                &family, err))
        return false;
    const struct new_parameter_group made = { group, family, description, wish->run_tags };
    if (!parameter_group_create(service, &made, deadline_mono_ms, &failure)) {
        if (!error_is_remote(&failure, "CacheParameterGroupAlreadyExists")) {
            error_move(err, &failure);
            return false;
        }
        if (!take_over(service, group, description, deadline_mono_ms, err))
            return false;
    }
    AUTO(pairs_clear) struct pairs parameters = { 0 };
    for (size_t i = 0; i < target->parameters.count; i++)
        pairs_set(&parameters, target->parameters.items[i].name, target->parameters.items[i].value);
    if (wish->cluster_mode)
        pairs_set(&parameters, "cluster-enabled", "yes");
    if (!parameter_group_modify(service, group, &parameters, deadline_mono_ms, err))
        return false;
    *name = TAKE(group);
    return true;
}

bool elasticache_delete_parameters(struct elasticache *service, const char *replication_group,
                                   int64_t deadline_mono_ms, struct error *err) {
    AUTO(string_free) char *group = config_parameter_group(replication_group);
    AUTO(string_free) char *words = words_of(replication_group);
    AUTO(string_free) char *found = NULL;
    if (!parameter_group_description(service, group, deadline_mono_ms, &found, err)) {
        bool gone =
            err->code == ERROR_NOT_FOUND || error_is_remote(err, "CacheParameterGroupNotFound");
        if (gone)
            error_clear(err);
        return gone;
    }
    return !found || strcmp(found, words) != 0 ||
           parameter_group_delete(service, group, deadline_mono_ms, err);
}
