#include <string.h>

#include "executor/executor.h"
#include "schemas/base/memory.h"

struct comparison {
    const struct plan *plan;
    const struct journal_state *state;
    const struct json *now;
    struct strings *differences;
};

/* What a step that was begun does to a fact; NULL when none touches it. */
static const struct plan_effect *effect_on(const struct comparison *comparison, const char *path) {
    const struct plan_effect *found = NULL;
    for (size_t s = 0; s < comparison->plan->core.steps.count; s++) {
        const struct plan_step *step = &comparison->plan->core.steps.items[s];
        if (journal_progress_of(comparison->state, step->key) == PROGRESS_NONE)
            continue;
        for (size_t e = 0; e < step->effects.count; e++)
            if (strcmp(step->effects.items[e].field, path) == 0)
                found = &step->effects.items[e];
    }
    return found;
}

/* The record itself changes with every run, and the group is what the steps work on: their probes
 * settle it. What must not have moved is the source, and the programs that were approved. */
static bool is_program(const char *path) {
    return strncmp(path, "hook_digests.", 13) == 0 || strncmp(path, "secret_programs.", 16) == 0;
}

static bool is_compared(const char *path) {
    return strncmp(path, "source.", 7) == 0 || is_program(path);
}

static char *text_of(const struct json *value) {
    return value ? json_write(value, JSON_CANONICAL) : xstrdup("absent");
}

static void compare(void *context, const char *path, const struct json *was) {
    const struct comparison *comparison = context;
    const struct json *is = json_find(comparison->now, path);
    if (!is_compared(path) || (is && json_same(was, is)))
        return;
    const struct plan_effect *effect = effect_on(comparison, path);
    const char *now = json_string_of(is);
    if (effect && now &&
        ((effect->after && strcmp(now, effect->after) == 0) ||
         (effect->before && strcmp(now, effect->before) == 0)))
        return;
    AUTO(string_free) char *before = text_of(was), *after = text_of(is);
    if (is_program(path))
        strings_addf(comparison->differences,
                     "%s: '%s' is not the program that was approved: sha256 was %s, is %s", path,
                     strchr(path, '.') + 1, before, after);
    else
        strings_addf(comparison->differences, "%s: was %s, is %s", path, before, after);
}

static void find_new(void *context, const char *path, const struct json *is) {
    const struct comparison *comparison = context;
    bool older = comparison->plan->core.planner_revision < PLANNER_REVISION;
    if (!is_compared(path) || json_find(comparison->plan->core.observed.facts, path) ||
        (older && is_program(path))) /* its planner did not look at all of them */
        return;
    AUTO(string_free) char *after = text_of(is);
    strings_addf(comparison->differences, "%s: was absent, is %s", path, after);
}

void executor_differences(const struct plan *plan, const struct journal_state *state,
                          const struct json *facts_now, struct strings *differences) {
    struct comparison comparison = { plan, state, facts_now, differences };
    json_each(plan->core.observed.facts, compare, &comparison);
    json_each(facts_now, find_new, &comparison);
}
