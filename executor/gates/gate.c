#include "executor/gates/gate.h"

#include <string.h>

const struct gate_condition *gate_condition_find(const char *name) {
    static const struct gate_condition *const conditions[] = {
#define GATE_CONDITION(name) &gate_condition_##name,
#include "schemas/plan/gate_conditions.def"
#undef GATE_CONDITION
    };
    for (size_t i = 0; i < COUNT(conditions); i++)
        if (strcmp(conditions[i]->name, name) == 0)
            return conditions[i];
    return NULL;
}
