/* After a change of the group that its clients must follow: of TLS, of authentication. */
#pragma once

#include "executor/steps/step.h"

/* Looks for the endpoint afresh, for its name may be another one now, and it must answer as the
 * group is described. After the cutover it is proven as it was before the first hook, and the hooks
 * of target.after_cutover are run; what they said is added to the evidence. */
MUST_CHECK bool clients_follow(struct step_run *run, struct error *err);
/* The hooks come after the change, and nothing tells whether they ran: then the step is not done
 * because the group has what it wants. */
bool clients_have_hooks(const struct step_run *run);
