/* Compare: nobody can write on either side; what is compared now is what will be. */
#include "executor/site/evictions.h"
#include "executor/site/skipped.h"
#include "executor/steps/comparison.h"
#include "executor/steps/endpoint.h"

/* A promotion may end connections, and with them what was known of the target's names. */
static bool reach_target(struct step_run *run, struct error *err) {
    if (site_targets(run->site, err))
        return true;
    error_clear(err);
    return step_prove_endpoint(run, err) && site_targets(run->site, err);
}

static bool compare(struct step_run *run, struct error *err) {
    evictions_record(run->site, run->evidence);
    return site_source(run->site, SITE_PRIMARIES, err) && reach_target(run, err) &&
           skipped_nothing(run->site, run->step->id, err) &&
           comparison_run(run, &run->site->config->verify.after_cutover, true, err) &&
           comparison_of_hot_keys(run, true, run->deadline_mono_ms, err);
}

const struct step_runner step_compare_still = { .reads = true, .run = compare };
