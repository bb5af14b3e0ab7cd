#include "schemas/observed/properties.h"

#include <inttypes.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/number.h"

static const struct target_property rows[] = {
#define TARGET_PROPERTY(name_, type_, place_, path_, parameter_, kept_, about_, fixed_, ...)       \
    { .name = #name_,                                                                              \
      .type = PROPERTY_##type_,                                                                    \
      .wanted = offsetof(struct config_target, name_),                                             \
      .seen = offsetof(struct observed_target, name_),                                             \
      .place = PROPERTY_OF_##place_,                                                               \
      .path = path_,                                                                               \
      .parameter = parameter_,                                                                     \
      .kept = kept_,                                                                               \
      .about = PROPERTY_##about_,                                                                  \
      .fixed = fixed_ },
#include "schemas/config/target_properties.def"
};

const struct target_property *property_at(size_t index) {
    return index < COUNT(rows) ? &rows[index] : NULL;
}

const struct target_property *property_find(const char *name) {
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static char *number_text(int64_t number) {
    return number == SHAPE_UNSET ? NULL : xasprintf("%" PRId64, number);
}

static char *list_text(const struct strings *list) {
    AUTO(strings_clear) struct strings sorted = { 0 };
    if (!list->count)
        return NULL;
    strings_copy(&sorted, list);
    strings_sort(&sorted);
    return strings_join(&sorted, ", ");
}

char *property_wanted(const struct target_property *property, const struct config_target *target) {
    const void *member = (const char *)target + property->wanted;
    enum tri on;
    switch (property->type) {
    case PROPERTY_TEXT:
        return xstrdup(*(char *const *)member);
    case PROPERTY_NUMBER:
        return number_text(*(const int64_t *)member);
    case PROPERTY_SWITCH:
        on = *(const enum tri *)member;
        return on == TRI_UNSET ? NULL : xstrdup(on == TRI_YES ? "enabled" : "disabled");
    case PROPERTY_LIST:
        return list_text(member);
    }
    return NULL;
}

char *property_seen(const struct target_property *property, const struct observed_target *target) {
    const void *member = (const char *)target + property->seen;
    switch (property->type) {
    case PROPERTY_TEXT:
    case PROPERTY_SWITCH:
        return xstrdup(*(char *const *)member);
    case PROPERTY_NUMBER:
        return number_text(*(const int64_t *)member);
    case PROPERTY_LIST:
        return list_text(member);
    }
    return NULL;
}

const struct strings *property_list(const struct target_property *property,
                                    const struct config_target *target) {
    return (const void *)((const char *)target + property->wanted);
}

bool property_is_given(const struct target_property *property, const struct config_target *target) {
    AUTO(string_free) char *wanted = property_wanted(property, target);
    return wanted != NULL;
}

void property_borrow(const struct target_property *property, const struct config_target *from,
                     struct config_target *to) {
    static const size_t sizes[] = {
        [PROPERTY_TEXT] = sizeof(char *),
        [PROPERTY_NUMBER] = sizeof(int64_t),
        [PROPERTY_SWITCH] = sizeof(enum tri),
        [PROPERTY_LIST] = sizeof(struct strings),
    };
    memcpy((char *)to + property->wanted, (const char *)from + property->wanted,
           sizes[property->type]);
}

/* The service has two ways to tell one. */
static const char *switch_text(const char *value) {
    if (value && strcmp(value, "true") == 0)
        return "enabled";
    return value && strcmp(value, "false") == 0 ? "disabled" : value;
}

void property_observe(const struct target_property *property, const char *value,
                      struct observed_target *target) {
    void *member = (char *)target + property->seen;
    if (property->type == PROPERTY_NUMBER)
        *(int64_t *)member = number_or(value, SHAPE_UNSET);
    else if (property->type == PROPERTY_SWITCH)
        string_replace(member, switch_text(value));
    else if (property->type == PROPERTY_TEXT)
        string_replace(member, value);
}
