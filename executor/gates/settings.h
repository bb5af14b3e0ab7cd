/* The settings that the run raised on the source are read back until its audit is done. What a run
 * set may be set back since: an operator of Kubernetes reapplies its own values, a restart reads
 * the file. One that has its value from before the run is set again, with a warning and an entry in
 * the journal. Before the cutover, the second time of the same setting on the same node ends the
 * run: a program that does that also removes the fence. */
#pragma once

#include "executor/steps/step.h"

/* At the gate: every setting of a step that is done, named in the gate's evidence where it was set
 * again; it must have stood for some seconds since. ERROR_STALE for one that is set back again and
 * again, and for any other value: it names the step and the value that it set. */
MUST_CHECK bool settings_stand(struct step_run *gate, struct error *err);
/* In every wait before the cutover, about once a second. Any other value is left for the gate to
 * judge. ERROR_STALE as above; a node that does not answer is asked again later. */
MUST_CHECK bool settings_watch(struct site *site, struct error *err);
/* While the fence is watched, until the audit: what safety rests on, such as the backlog that the
 * audit reads. About once a second, or at once. Nothing ends for it. */
void settings_keep(struct site *site, bool at_once);
