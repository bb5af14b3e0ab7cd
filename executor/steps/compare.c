/* Compares source and target before the cutover, while writers write. Keys that were not compared
   may miss a command that the target skipped: its own count tells. */
#include "executor/site/skipped.h"
#include "executor/steps/comparison.h"

static bool compare(struct step_run *run, struct error *err) {
    return comparison_run(run, &run->site->config->verify.before_cutover, false, err) &&
           site_source(run->site, SITE_PRIMARIES, err) && site_targets(run->site, err) &&
           skipped_nothing(run->site, run->step->id, err);
}

const struct step_runner step_compare = { .reads = true, .run = compare };
