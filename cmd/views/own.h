/* Documents that a format has a file of its own for: <document>_<format>.c. */
#pragma once

#include "cmd/views/view.h"

void plan_page(const struct view *view, struct text *page); /* of any format */
void run_text(const struct view *view, struct text *page);
