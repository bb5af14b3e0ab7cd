/* A command line as the AWS tools split it. Pure. */
#pragma once

#include <stdbool.h>

#include "schemas/base/language.h"
#include "schemas/base/strings.h"

/* Blanks part words; '…' takes everything, "…" everything but \" and \\, a backslash outside the
 * next character. Nothing is expanded. False for a quote that does not end. */
MUST_CHECK bool words_split(const char *line, struct strings *out);
