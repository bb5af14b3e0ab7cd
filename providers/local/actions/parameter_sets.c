#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "providers/local/actions/action.h"
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

bool parameter_set_find(struct request *request, const char *name, struct parameter_set *out) {
    AUTO(strings_clear) struct strings families = { 0 };
    const struct parameter_group *own = state_parameter_group(&request->endpoint->state, name);
    default_families(request->endpoint, &families);
    if (own) {
        *out = (struct parameter_set){ .name = own->name, .family = own->family, .own = own };
        return true;
    }
    for (size_t i = 0; i < families.count; i++) {
        if (strncasecmp(name, "default.", 8) != 0 || strcasecmp(name + 8, families.items[i]) != 0)
            continue;
        out->default_family = xstrdup(families.items[i]);
        out->default_name = xasprintf("default.%s", families.items[i]);
        out->family = out->default_family;
        out->name = out->default_name;
        return true;
    }
    return refuse(request->refusal, FAULT_PARAMETER_GROUP_NOT_FOUND,
                  "CacheParameterGroup %s not found.", name);
}

void parameter_set_clear(struct parameter_set *set) {
    free(set->default_name);
    free(set->default_family);
    *set = (struct parameter_set){ 0 };
}
