#include "executor/recover.h"

#include <stdlib.h>
#include <string.h>

#include "executor/steps/kinds.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define PROBE_MS 60000

static void recover_item_clear(struct recover_item *item) {
    free(item->why);
}

void recover_items_clear(struct recover_items *items) {
    if (!items)
        return;
    LIST_CLEAR(items, recover_item_clear);
}

void recover_find(const struct plan *plan, const struct journal_state *state,
                  struct recover_items *out) {
    for (size_t i = 0; i < plan->core.steps.count; i++) {
        const struct plan_step *step = &plan->core.steps.items[i];
        const struct journal_step *known = journal_step_find(state, step->key);
        bool is_open = known && known->state == PROGRESS_STARTED;
        bool waits = step_may_come_later(plan, step) && !(known && known->state == PROGRESS_DONE);
        if ((!is_open && !waits) || step_runner_of(step->kind)->reads ||
            step_kind_section(step->kind) == SECTION_CUTOVER)
            continue;
        *LIST_ADD(out) = (struct recover_item){ .step = step,
                                                .waits = !is_open,
                                                .started_at_ms = known ? known->started_at_ms : 0,
                                                .intent = known ? known->intent : NULL,
                                                .verdict = RECOVER_UNKNOWN };
    }
}

/* Whether what a step asked of the service is neither done nor undone: the group is on its way. */
static bool is_under_way(struct site *site, const struct plan_step *step, char **why) {
    AUTO(replication_group_clear) struct replication_group group = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    const char *const ends[] = { "available", "create-failed", "snapshotting" };
    const char *name = site->config->target.replication_group;
    if (!step_runner_of(step->kind)->changes_group || !site->service ||
        !elasticache_describe(site->service, name, clock_mono_ms() + PROBE_MS, &group, &err) ||
        !group.status)
        return false;
    for (size_t i = 0; i < COUNT(ends); i++)
        if (strcmp(group.status, ends[i]) == 0)
            return false;
    free(*why);
    *why = xasprintf("group '%s' is %s", name, group.status);
    return true;
}

static void look(struct site *site, struct recover_item *item) {
    const struct step_runner *runner = step_runner_of(item->step->kind);
    const struct journal_step *known =
        journal_step_find(journal_state(site->journal), item->step->key);
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *evidence = json_new_object();
    struct step_run run = { .site = site,
                            .step = item->step,
                            .intent = known ? known->intent : NULL,
                            .evidence = evidence,
                            .deadline_mono_ms = clock_mono_ms() + PROBE_MS };
    bool done = false;
    item->intent = run.intent;
    if (!runner->probe)
        item->verdict = RECOVER_AGAIN;
    else if (runner->probe(&run, &done, &err))
        item->verdict = done                                         ? RECOVER_DONE
                        : is_under_way(site, item->step, &item->why) ? RECOVER_UNDER_WAY
                                                                     : RECOVER_NOT_DONE;
    else
        string_replace(&item->why, err.message);
}

void recover_look(struct site *site, struct recover_items *items) {
    size_t kept = 0;
    for (size_t i = 0; i < items->count; i++) {
        struct recover_item *item = &items->items[i];
        look(site, item);
        if (!item->waits || item->verdict == RECOVER_UNKNOWN)
            items->items[kept++] = *item;
        else
            free(item->why);
    }
    items->count = kept;
}

bool recover_decide(struct site *site, const struct recover_item *item, bool done,
                    const char *reason, struct error *err) {
    if (item->verdict != RECOVER_UNKNOWN) {
        error_set(err, ERROR_BLOCKED, "step %s (%s) is not in doubt", item->step->id,
                  item->step->key);
        return error_hint(err, "apply resolves it by what it observes");
    }
    AUTO(json_free) struct json *data = json_new_object();
    AUTO(string_free)
    char *subject =
        xasprintf("%s %s decided: %s", item->step->id, item->step->key, done ? "done" : "not done");
    json_put_string(data, "state", done ? "done" : "failed");
    json_put_string(data, "decided_by", site->actor);
    json_put_string(data, "reason", reason);
    json_put_string(data, "observed", item->why);
    return journal_record(site->journal, subject,
                          &(struct journal_fact){ .type = JOURNAL_STEP_FINISHED,
                                                  .step = item->step->key,
                                                  .data = data },
                          err);
}
