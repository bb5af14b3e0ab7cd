/* Row 10: nobody can write on either side; what is compared now is what will be. */
#include "executor/cutover/cutover.h"
#include "executor/steps/residual.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static bool compare(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    struct redis_connection *source, *target;
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    if (!site_primary(site, &source, err) || !site_target(site, &target, err))
        return false;
    const struct verify_options options = { .source = source,
                                            .target = target,
                                            .mode = site->config->verify.after_cutover.mode,
                                            .keys = site->config->verify.after_cutover.keys,
                                            .detached = true,
                                            .deadline_mono_ms = run->deadline_mono_ms,
                                            .progress = comparison_progress,
                                            .context = run };
    return verify_run(&options, &result, err) &&
           comparison_conclude(run, "comparison", &result, err) &&
           residual_compare(run, true, run->deadline_mono_ms, err);
}

const struct step_runner step_compare_still = { .reads = true, .run = compare };
