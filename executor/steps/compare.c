/* Compares source and target before the cutover, while writers write. */
#include "executor/steps/residual.h"
#include "schemas/base/memory.h"

static bool compare(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    struct redis_connection *source, *target;
    AUTO(verify_result_clear) struct verify_result result = { 0 };
    if (!site_primary(site, &source, err) || !site_target(site, &target, err))
        return false;
    const struct verify_options options = { .source = source,
                                            .target = target,
                                            .mode = site->config->verify.before_cutover.mode,
                                            .keys = site->config->verify.before_cutover.keys,
                                            .deadline_mono_ms = run->deadline_mono_ms,
                                            .progress = comparison_progress,
                                            .context = run };
    return verify_run(&options, &result, err) && residual_remember(site, &result.hot, err) &&
           comparison_conclude(run, "comparison", &result, err);
}

const struct step_runner step_compare = { .reads = true, .run = compare };
