/* Compare: nobody can write on either side; what is compared now is what will be. */
#include "executor/site/evictions.h"
#include "executor/site/skipped.h"
#include "executor/steps/comparison.h"

static bool compare(struct step_run *run, struct error *err) {
    evictions_record(run->site, run->evidence);
    return site_source(run->site, SITE_PRIMARIES, err) && site_targets(run->site, err) &&
           skipped_nothing(run->site, run->step->id, err) &&
           comparison_run(run, &run->site->config->verify.after_cutover, true, err) &&
           comparison_of_hot_keys(run, true, run->deadline_mono_ms, err);
}

const struct step_runner step_compare_still = { .reads = true, .run = compare };
