#include <string.h>

#include "planner/checks/check.h"
#include "planner/modify.h"

#define SETTING "notify-keyspace-events"
#define ALL_EVENTS "g$lshzxetd" /* what A stands for */

static const char *theirs(const struct check_input *input) {
    const struct observed_target *target = &input->observed->target;
    bool as_is = target->exists && !modify_changes(input->situation, "parameters." SETTING);
    const char *value =
        pairs_find(as_is ? &target->parameters : &input->config->target.parameters, SETTING);
    return value ? value : "";
}

static bool has(const char *events, char event) {
    return strchr(events, event) || (strchr(events, 'A') && strchr(ALL_EVENTS, event));
}

static bool covers(const char *theirs, const char *ours) {
    for (const char *at = ours; *at; at++) {
        if (*at != 'A' && !has(theirs, *at))
            return false;
        for (const char *one = ALL_EVENTS; *at == 'A' && *one; one++)
            if (!has(theirs, *one))
                return false;
    }
    return true;
}

static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const char *ours = pairs_find(&node->settings, SETTING), *other = theirs(input);
    if (!ours || !input->observed->target.reachable || covers(other, ours))
        return;
    struct finding *finding =
        check_found(input, out, node->address, "it sends key events that the target will not send");
    finding_detail(finding, SETTING " is \"%s\", on the target \"%s\"", ours, other);
}

const struct check check_target_notifications = {
    .title = "The target sends the same key events as the source",
    .reads = "CONFIG GET notify-keyspace-events; DescribeCacheParameters",
    .cause = "notify-keyspace-events differs; on ElastiCache it is empty unless a parameter group "
             "sets it.",
    .risk = "Applications that wait for such events no longer get them after the cutover; "
            "libraries that turn them on themselves do it with CONFIG SET, which ElastiCache "
            "refuses.",
    .remedy = "set target.parameters.notify-keyspace-events, or waive this finding",
    .severity = SEVERITY_WARNING,
    .facts = "notify-keyspace-events",
    .unread = SEVERITY_NOTE,
    .run_primary = run_primary,
};
