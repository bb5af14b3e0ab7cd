/* Compares source and target before the cutover, while writers write. What the target's own count
 * of skipped commands tells comes before it, because it is the cause of what a comparison finds;
 * and after it, because keys that were not compared may miss a command that was skipped meanwhile.
 */
#include "executor/site/skipped.h"
#include "executor/steps/comparison.h"

static bool nothing_is_skipped(struct step_run *run, struct error *err) {
    return site_source(run->site, SITE_PRIMARIES, err) && site_targets(run->site, err) &&
           skipped_nothing(run->site, run->step->id, err);
}

static bool compare(struct step_run *run, struct error *err) {
    return nothing_is_skipped(run, err) &&
           comparison_run(run, &run->site->config->verify.before_cutover, false, err) &&
           nothing_is_skipped(run, err);
}

const struct step_runner step_compare = { .reads = true, .run = compare };
