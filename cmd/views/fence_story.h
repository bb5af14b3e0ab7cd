/* What the record of a run knows of its fence: when it was set, when it was found missing, and when
 * it was last seen standing. Whether it stands now only the source can tell. */
#pragma once

#include "schemas/base/sheet.h"
#include "schemas/journal/journal.h"
#include "schemas/json/json.h"

/* Nothing of a run that never relied on a fence. */
void fence_story_fill(const struct journal_state *run, struct sheet *sheet);
struct json *fence_story_json(const struct journal_state *run);
