#include "planner/diff.h"

#include <stdlib.h>
#include <string.h>

#include "planner/version.h"
#include "schemas/base/memory.h"
#include "schemas/observed/properties.h"

static void put_all(struct pairs *pairs, const char *prefix, const struct pairs *members) {
    for (size_t i = 0; i < members->count; i++) {
        AUTO(string_free) char *name = xasprintf("%s.%s", prefix, members->items[i].name);
        pairs_set(pairs, name, members->items[i].value);
    }
}

static void put(struct pairs *pairs, const char *name, const char *value) {
    if (value)
        pairs_set(pairs, name, value);
}

static void flatten_wanted(const struct config_target *wanted, struct pairs *out) {
    const struct target_property *property;
    for (size_t i = 0; (property = property_at(i)); i++) {
        AUTO(string_free) char *value = property_wanted(property, wanted);
        put(out, property->name, value);
    }
    put_all(out, "parameters", &wanted->parameters);
    put_all(out, "tags", &wanted->tags);
}

static void flatten_seen(const struct observed_target *seen, struct pairs *out) {
    const struct target_property *property;
    for (size_t i = 0; (property = property_at(i)); i++) {
        AUTO(string_free) char *value = property_seen(property, seen);
        put(out, property->name, value);
    }
    put_all(out, "parameters", &seen->parameters);
    put_all(out, "tags", &seen->tags);
}

/* The service does not yet report the members of a group that is being created: not a difference.
 */
static bool is_untold(const struct observed_target *seen, const char *field) {
    const struct target_property *property = property_find(field);
    if (strcmp(field, "shards") == 0)
        return seen->shards <= 0;
    if (!property || property->type != PROPERTY_NUMBER)
        return false;
    AUTO(string_free) char *value = property_seen(property, seen);
    return !value;
}

static bool is_equal(const char *field, const char *wanted, const char *seen) {
    if (strcmp(field, "engine_version") == 0)
        return version_covers(wanted, seen);
    return strcmp(wanted, seen) == 0;
}

void diff_target(const struct config_target *wanted, const struct observed_target *seen,
                 struct differences *out) {
    AUTO(pairs_clear) struct pairs want = { 0 };
    AUTO(pairs_clear) struct pairs have = { 0 };
    flatten_wanted(wanted, &want);
    flatten_seen(seen, &have);
    size_t k = 0;
    for (size_t i = 0; i < want.count; i++) {
        const struct pair *pair = &want.items[i];
        while (k < have.count && strcmp(have.items[k].name, pair->name) < 0)
            k++;
        bool present = k < have.count && strcmp(have.items[k].name, pair->name) == 0;
        const char *value = present ? have.items[k].value : NULL;
        if (value && is_equal(pair->name, pair->value, value)) {
            out->equal_count++;
            continue;
        }
        if (is_untold(seen, pair->name))
            continue;
        *LIST_ADD(out) = (struct difference){ .field = xstrdup(pair->name),
                                              .wanted = xstrdup(pair->value),
                                              .seen = xstrdup(value) };
    }
}

static void difference_clear(struct difference *difference) {
    free(difference->field);
    free(difference->wanted);
    free(difference->seen);
}

void differences_clear(struct differences *differences) {
    if (!differences)
        return;
    LIST_CLEAR(differences, difference_clear);
}
