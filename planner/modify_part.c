/* Which call of the service changes a field of the target. */
#include <string.h>

#include "planner/modify.h"

enum modify_part modify_part_of(const char *field) {
    if (strcmp(field, "replicas_per_shard") == 0)
        return MODIFY_REPLICAS;
    return strncmp(field, "tags.", 5) == 0 ? MODIFY_TAGS : MODIFY_GROUP;
}
