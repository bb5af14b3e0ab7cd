/* The pages of tests/golden, byte for byte. ECMIG_GOLDEN=write writes them anew, to be reviewed. */
#pragma once

#include "schemas/plan/plan.h"

/* The plan as text and as markdown are the pages of this name; its digest is shown as zeros there,
 * and no line of the text is longer than 100 columns. */
void golden_expect(const struct plan *plan, const char *name);
