/* What a step saw, out of the outcome that its entry has, in a few words. */
#pragma once

#include "schemas/base/text.h"
#include "schemas/json/json.h"

/* Nothing of an outcome that only says that it is done. */
void run_observed_add(const struct json *outcome, struct text *words);
