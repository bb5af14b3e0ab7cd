/* Compares source and target before the cutover, while writers write. */
#include "executor/steps/comparison.h"

static bool compare(struct step_run *run, struct error *err) {
    return comparison_run(run, &run->site->config->verify.before_cutover, false, err);
}

const struct step_runner step_compare = { .reads = true, .run = compare };
