#include "planner/render/render.h"

#include <string.h>

#include "schemas/base/memory.h"

static const struct render_format *const formats[] = {
#define FORMAT(symbol, id) &render_format_##id,
#include "schemas/base/formats.def"
#undef FORMAT
};

const struct render_format *render_format_find(const char *name) {
    for (size_t i = 0; i < COUNT(formats); i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}
