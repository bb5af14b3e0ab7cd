#include "providers/local/actions/kept.h"

void kept_take(const struct request *request, bool is_new, struct group *group) {
    const struct target_property *property;
    for (size_t i = 0; (property = property_at(i)); i++) {
        const char *value = property->kept ? request_value(request, property->parameter) : NULL;
        if (property->kept && (value || is_new))
            pairs_set(&group->kept, property->name, value ? value : property->kept);
    }
}

void kept_answer(struct text *out, enum property_place place, const struct group *group) {
    const struct target_property *property;
    for (size_t i = 0; (property = property_at(i)); i++)
        if (property->kept && property->place == place)
            markup_string(out, property->path, pairs_find(&group->kept, property->name));
}
