#include "planner/checks/check.h"
#include "planner/modify.h"
#include "planner/version.h"

static void run(const struct check_input *input, struct findings *out) {
    const char *engine = situation_target_engine(input->situation);
    const char *version = modify_version(input->situation);
    if (!input->observed->target.reachable || !engine)
        return;
    if (!check_is(engine, "redis") && !check_is(engine, "valkey"))
        check_found(input, out, check_target(input), "engine %s is not supported as a target",
                    engine);
    else if (check_is(engine, "redis") && version_below(version, 5, 0, 6))
        check_found(input, out, check_target(input), "redis %s is older than 5.0.6", version);
}

const struct check check_target_engine_version = {
    .title = "The target's engine supports online migration",
    .reads = "DescribeCacheClusters EngineVersion",
    .cause = "Online migration requires Valkey, or Redis OSS 5.0.6 and newer (some editions of the "
             "migration guide say 5.0.5).",
    .risk = "StartMigration is refused.",
    .remedy = "upgrade the group, or choose a newer target.engine_version",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .target_facts = "Engine EngineVersion",
    .target_unread = SEVERITY_ERROR,
    .run = run,
};
