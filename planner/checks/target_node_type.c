#include <string.h>

#include "planner/checks/check.h"
#include "planner/modify.h"
#include "planner/version.h"

/* Families that not every engine runs on, and the oldest Redis OSS that does; 0.0: none. */
static const struct {
    const char *family;
    int major, minor;
} rows[] = {
    { "cache.m7g.", 6, 2 }, { "cache.r7g.", 6, 2 }, { "cache.c7gn.", 6, 2 },
    { "cache.m8g.", 0, 0 }, { "cache.r8g.", 0, 0 }, { "cache.c8gn.", 0, 0 },
};

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_target *target = &input->observed->target;
    const struct config_target *wanted = &input->config->target;
    bool is_new = !target->exists;
    const char *type = wanted->node_type, *engine = situation_target_engine(input->situation);
    const char *version = is_new || modify_changes(input->situation, "engine_version")
                              ? wanted->engine_version
                              : target->engine_version;
    if (!type || !target->reachable || !check_is(engine, "redis") ||
        (!is_new && !modify_changes(input->situation, "node_type")))
        return;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strncmp(type, rows[i].family, strlen(rows[i].family)) != 0)
            continue;
        if (!rows[i].major)
            check_found(input, out, check_target(input), "%s supports Valkey only", type);
        else if (version_below(version, rows[i].major, rows[i].minor, 0))
            check_found(input, out, check_target(input), "%s supports Redis OSS from %d.%d on",
                        type, rows[i].major, rows[i].minor);
    }
}

const struct check check_target_node_type = {
    .title = "The node type supports the engine",
    .reads = "file: target.node_type, engine, engine_version",
    .cause = "Newer node families support only newer engines.",
    .risk = "Creating or changing the group is refused.",
    .remedy =
        "choose a newer target.engine_version, Valkey, or an older node family such as cache.r6g",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .target_facts = "CacheNodeType",
    .target_unread = SEVERITY_WARNING,
    .run = run,
};
