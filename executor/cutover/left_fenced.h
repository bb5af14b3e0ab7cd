/* Nodes whose fence could not be lifted, because the source does not have them now. */
#pragma once

#include "executor/site/many.h"
#include "executor/site/site.h"
#include "schemas/json/pairs.h"

/* A node that was fenced and is not among `lifted` still carries the fence when it comes back:
 * once promoted, it refuses writes. Each is named with the command that lifts it,
 * and listed as "left_fenced" of `record`, which may be NULL. `before`: as in struct cutover. */
void left_fenced_say(struct site *site, const struct pairs *before, const struct many *lifted,
                     const char *step, struct json *record);
