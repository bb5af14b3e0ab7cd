/* What the cutover asks of the source, asked before writers are kept waiting: a version, a rename
 * or an ACL that stands in the way shows at the gate, and not behind the fence. */
#pragma once

#include "executor/site/site.h"

/* Every primary of the source answers as sample to audit need it; changes nothing. */
MUST_CHECK bool cutover_questions(struct site *site, struct error *err);
