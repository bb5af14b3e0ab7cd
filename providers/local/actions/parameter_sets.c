#include "providers/local/actions/parameter_sets.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schemas/base/memory.h"

void default_families(const struct endpoint *endpoint, struct strings *out) {
    for (size_t i = 0; i < endpoint->engines.count; i++) {
        const struct engine *engine = &endpoint->engines.items[i];
        AUTO(string_free) char *family = engine_family(engine->name, engine->version);
        if (!strings_has(out, family))
            strings_add(out, family);
    }
    strings_sort(out);
}

static bool is_default(const char *name, const char *family, bool *cluster) {
    size_t length = strlen(family);
    if (strncasecmp(name, "default.", 8) != 0 || strncasecmp(name + 8, family, length) != 0)
        return false;
    *cluster = strcasecmp(name + 8 + length, CLUSTER_ON) == 0;
    return *cluster || name[8 + length] == 0;
}

bool parameter_set_find(struct request *request, const char *name, struct parameter_set *out) {
    AUTO(strings_clear) struct strings families = { 0 };
    const struct parameter_group *own = state_parameter_group(&request->endpoint->state, name);
    default_families(request->endpoint, &families);
    if (own) {
        const char *cluster = pairs_find(&own->values, "cluster-enabled");
        *out = (struct parameter_set){ .name = own->name,
                                       .family = own->family,
                                       .cluster = cluster && strcmp(cluster, "yes") == 0,
                                       .own = own };
        return true;
    }
    for (size_t i = 0; i < families.count; i++) {
        bool cluster = false;
        if (!is_default(name, families.items[i], &cluster))
            continue;
        out->default_family = xstrdup(families.items[i]);
        out->default_name = xasprintf("default.%s%s", families.items[i], cluster ? CLUSTER_ON : "");
        out->family = out->default_family;
        out->name = out->default_name;
        out->cluster = cluster;
        return true;
    }
    return refuse(request->refusal, API_ERROR_PARAMETER_GROUP_NOT_FOUND,
                  "CacheParameterGroup %s not found.", name);
}

const char *parameter_value(const struct parameter_set *set, const struct parameter *parameter) {
    const char *own = set->own ? pairs_find(&set->own->values, parameter->name) : NULL;
    if (own)
        return own;
    return set->cluster && strcmp(parameter->name, "cluster-enabled") == 0 ? "yes"
                                                                           : parameter->value;
}

void parameter_set_clear(struct parameter_set *set) {
    free(set->default_name);
    free(set->default_family);
    *set = (struct parameter_set){ 0 };
}
