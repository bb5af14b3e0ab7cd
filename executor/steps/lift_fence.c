/* Abort: takes the fence of the run that is given up off every source node; writers have the source
 * back. Only that run's value is touched. */
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/fence.h"
#include "executor/cutover/left_fenced.h"
#include "executor/moment.h"
#include "executor/steps/setting.h"
#include "schemas/base/memory.h"

#define BEFORE                                                                                     \
    "history.fence_before." /* of the facts: then "HOST:PORT write" or "HOST:PORT lag"             \
                             */

/* The value before the fence, as the run that is given up recorded it. */
static const char *value_before(const struct site *site, const struct site_node *node,
                                const char *what, const char *otherwise) {
    AUTO(string_free)
    char *path = xasprintf(BEFORE "%s %s", node->address, what);
    const char *value = json_find_string(site->plan->core.observed.facts, path);
    return value ? value : otherwise;
}

static void add_before(void *context, const char *name, const struct json *value) {
    const char *text = json_string_of(value);
    if (text && strncmp(name, BEFORE, strlen(BEFORE)) == 0)
        pairs_set(context, name + strlen(BEFORE), text);
}

static bool probe(struct step_run *run, bool *done, struct error *err) {
    struct site *site = run->site;
    const char *fence = json_find_string(site->plan->core.observed.facts, "history.fence");
    AUTO(many_clear) struct many nodes = { 0 };
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    if (!site_source(site, SITE_NODES, err))
        return false;
    site_list(site, SITE_NODES, &nodes);
    if (!fence_read(&nodes, &now, err))
        return false;
    *done = fence != NULL;
    for (size_t i = 0; i < now.count; i++)
        *done = *done && strcmp(now.items[i].write, fence) != 0;
    return true;
}

/* A lock that cannot be confirmed now may be another's, who relies on the fence. */
static bool lift(struct step_run *run, struct error *err) {
    struct site *site = run->site;
    const char *fence = json_find_string(site->plan->core.observed.facts, "history.fence");
    if (!fence)
        return error_set(err, ERROR_FORMAT, "the plan names no fence to lift");
    AUTO(many_clear) struct many nodes = { 0 };
    if (!site_source(site, SITE_NODES, err) || !journal_confirm_lock(site->journal, 0, err))
        return false;
    site_list(site, SITE_NODES, &nodes);
    struct fence_before *before = xcalloc(site->nodes.count + 1, sizeof *before);
    for (size_t i = 0; i < site->nodes.count; i++)
        before[i] = (struct fence_before){
            .write = value_before(site, &site->nodes.items[i], "write", "0"),
            .lag = value_before(site, &site->nodes.items[i], "lag", "10"),
        };
    bool lifted = fence_lift(&nodes, fence, before, err);
    free(before);
    if (!lifted)
        return false;
    moment("after the fence is lifted");
    if (!fence_is_lifted(&nodes, fence, err))
        return false;
    AUTO(pairs_clear) struct pairs fenced = { 0 };
    json_each(site->plan->core.observed.facts, add_before, &fenced);
    left_fenced_say(site, &fenced, &nodes, run->step->id, run->evidence);
    json_put_int(run->evidence, "nodes", (int64_t)site->nodes.count);
    events_emit(
        site->events,
        &(struct event_fact){ .kind = EVENT_WRITES, .step = run->step->id, .state = "released" },
        "the source accepts writes");
    return true;
}

const struct step_runner step_lift_fence = {
    .may_come_later = true, .left_over = setting_left_over, .probe = probe, .run = lift
};
