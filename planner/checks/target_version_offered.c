#include "planner/checks/check.h"
#include "planner/modify.h"
#include "planner/version.h"
#include "schemas/base/memory.h"

static void run(const struct check_input *input, struct findings *out) {
    const char *wanted = input->config->target.engine_version;
    const struct observed_target *target = &input->observed->target;
    const struct strings *offered = &target->offered_versions;
    bool creates = situation_creates(input->situation);
    if (!wanted || (!creates && !modify_changes(input->situation, "engine_version")))
        return;
    /* Not told is not none: check target_unknown says so. */
    bool told = !pairs_find(&target->unknown, "DescribeCacheEngineVersions");
    if (!offered->count && (!creates || !told))
        return;
    if (!offered->count) {
        finding_remedy(
            check_found(input, out, check_target(input), "no version of %s is offered",
                        input->config->target.engine ? input->config->target.engine : "valkey"),
            "set target.engine and target.engine_version to a version that "
            "DescribeCacheEngineVersions lists in this region and that the target can load");
        return;
    }
    for (size_t i = 0; i < offered->count; i++)
        if (version_covers(wanted, offered->items[i]))
            return;
    AUTO(string_free) char *list = strings_join(offered, ", ");
    struct finding *finding =
        check_found(input, out, check_target(input), "engine version %s is not offered", wanted);
    finding_remedy(finding, "set target.engine_version to one of: %s", list);
}

const struct check check_target_version_offered = {
    .title = "The requested engine version is offered",
    .reads = "DescribeCacheEngineVersions",
    .cause = "DescribeCacheEngineVersions does not list target.engine_version for the engine.",
    .risk = "Creating or upgrading the group is refused.",
    .remedy = "set target.engine_version to an offered one",
    .severity = SEVERITY_ERROR,
    .run = run,
};
