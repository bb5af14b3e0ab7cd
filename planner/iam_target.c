/* Which changes of the target the configuration asks for. */
#include "planner/iam.h"
#include "planner/modify.h"
#include "schemas/observed/properties.h"

bool iam_creates(const struct config *config) {
    return config->target.create && !config->target.managed_by;
}

bool iam_modifies(const struct config *config) {
    const struct config_target *target = &config->target;
    const struct target_property *property;
    bool given = config_tls_later(target) || target->parameters.count || target->tags.count;
    for (size_t i = 0; (property = property_at(i)); i++)
        given |= !property->fixed && modify_part_of(property->name) == MODIFY_GROUP &&
                 property_is_given(property, target);
    return given && !target->managed_by;
}
