/* Did you mean …? */
#pragma once

#include "schemas/base/strings.h"

/* The one of `known` that `word` most likely was meant to be, or NULL; the caller frees. */
char *suggest_nearest(const char *word, const struct strings *known);
