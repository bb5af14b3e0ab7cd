/* How a plan is shown: one file and one row (formats.def) a format. */
#pragma once

#include "planner/planner.h"

#define RENDER_COLUMNS 100

#define FORMAT(id) extern const struct render_format render_format_##id;
#include "planner/render/formats.def"
#undef FORMAT

/* `head`, then the words of `body` wrapped to RENDER_COLUMNS and indented by `indent`; `right`
 * (or NULL) stands in the right column of the first line. */
void render_wrapped(struct text *page, const char *head, size_t indent, const char *body,
                    const char *right);
/* Colours whole lines of a finished page by their first characters. */
void render_coloured(const char *plain, struct text *page);
