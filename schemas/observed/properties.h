/* What a file may want of the target group and how to find, tell and change it: the rows of
 * schemas/config/target_properties.def, which is the manual. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/language.h"
#include "schemas/config/config.h"
#include "schemas/observed/observed.h"

enum property_type { PROPERTY_TEXT, PROPERTY_NUMBER, PROPERTY_SWITCH, PROPERTY_LIST };
enum property_place { PROPERTY_OF_GROUP, PROPERTY_OF_MEMBER, PROPERTY_OF_CODE };
enum property_about { PROPERTY_SHAPE, PROPERTY_NETWORK, PROPERTY_UPKEEP };

struct target_property {
    const char *name;
    enum property_type type;
    size_t wanted, seen; /* offsets in struct config_target and struct observed_target */
    enum property_place place;
    const char *path, *parameter, *kept;
    enum property_about about;
    const char *fixed;
};

const struct target_property *property_at(size_t index);       /* NULL past the last */
const struct target_property *property_find(const char *name); /* NULL: no such */
/* As differences and effects have it; NULL: not given, or not told. The caller frees. */
char *property_wanted(const struct target_property *property, const struct config_target *target);
char *property_seen(const struct target_property *property, const struct observed_target *target);
bool property_is_given(const struct target_property *property, const struct config_target *target);
/* Of a LIST, in the order of the file. */
const struct strings *property_list(const struct target_property *property,
                                    const struct config_target *target);
/* The wish is borrowed. */
void property_borrow(const struct target_property *property, const struct config_target *from,
                     struct config_target *to);
/* Of any but a LIST: what the service's answer has of it, NULL where it does not tell. */
void property_observe(const struct target_property *property, const char *value,
                      struct observed_target *target);
