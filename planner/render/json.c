#include <stdlib.h>

#include "planner/render/render.h"
#include "schemas/base/memory.h"

static void render(const struct plan *plan, const struct render_options *options,
                   struct text *page) {
    (void)options;
    AUTO(string_free) char *document = plan_write(plan, JSON_PRETTY);
    text_add(page, document);
    text_add_char(page, '\n');
}

const struct render_format render_format_json = { .name = "json", .render = render };
