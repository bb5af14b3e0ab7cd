/* The first record of a run: who carries out which plan, from where, with which command line. */
#pragma once

#include "cmd/migration/session.h"

/* Takes the lock of the repository and writes it. */
MUST_CHECK bool begin_run(const struct call *call, const struct session *session,
                          const struct plan *plan, const char *actor, struct journal *journal,
                          struct error *err);
