/* May an open run be resumed? Its file must be the one that it was planned from, and the
 * environment what its steps have left. */
#pragma once

#include "cmd/migration/report.h"
#include "cmd/migration/session.h"
#include "schemas/journal/journal.h"

MUST_CHECK bool same_config(const struct session *session, const struct plan *plan,
                            struct report *report, struct error *err);
/* Observes. ERROR_BLOCKED when the source does not answer, ERROR_STALE with each difference shown.
 */
MUST_CHECK bool same_world(const struct call *call, struct session *session,
                           const struct plan *plan, const struct journal_state *state,
                           struct error *err);
