/* After a change of the group that its clients must follow: of TLS, of authentication. */
#pragma once

#include "executor/steps/step.h"

/* Looks for the endpoint afresh, for its name may be another one now, and it must answer as the
 * group is described. After the cutover it is proven as it was before the first hook, and the hooks
 * of target.after_cutover are run; what they said is added to the evidence. */
MUST_CHECK bool clients_follow(struct step_run *run, struct error *err);
/* The probe of such a step: the group has what the effects want, and there are no hooks. They come
 * after the change, and nothing tells whether they ran. */
MUST_CHECK bool clients_probe(struct step_run *run, bool *done, struct error *err);
