#include "executor/record/pins.h"

#include <string.h>

#include "providers/observe/observe.h"
#include "schemas/base/memory.h"

#define PLANNER_WITH_SCRIPTS 6 /* the first whose facts have scripts and programs of secrets */

static const char hook_facts[] = "hook_digests", secret_facts[] = "secret_programs";

static bool is_accepted(const struct pins *pins, const char *digest) {
    AUTO(string_free) char *whole = xasprintf("sha256:%s", digest);
    return pins->accepted && strings_has(pins->accepted, whole);
}

static bool refuse(const struct pins *pins, const char *name, const char *planned, const char *now,
                   struct error *err) {
    const char *file = pins->config_file ? pins->config_file : "FILE";
    error_set(err, ERROR_STALE,
              "the program '%s' is not the one that was approved: sha256 %s, and %s in the "
              "plan; it was not run",
              name, now, planned ? planned : "none");
    if (strlen(now) != DIGEST_HEX_BYTES - 1)
        return error_hint(err, "restore the file, and run the same command again");
    return error_hint(
        err,
        "restore the file and run the same command again; or review it, and accept its current "
        "content by adding --accept-program sha256:%s; or approve a new plan: ecmig plan %s",
        now, file);
}

/* The first that differs; *planned is borrowed, NULL where the plan has none. */
static const struct pair *find_changed(const struct pins *pins, const char *facts,
                                       const struct pairs *seen, bool accepted,
                                       const char **planned) {
    bool older = pins->plan->core.planner_revision < PLANNER_WITH_SCRIPTS;
    for (size_t i = 0; i < seen->count; i++) {
        const struct pair *program = &seen->items[i];
        AUTO(string_free) char *path = xasprintf("%s.%s", facts, program->name);
        *planned = json_find_string(pins->plan->core.observed.facts, path);
        if ((*planned || !older) && !string_same(*planned, program->value) &&
            is_accepted(pins, program->value) == accepted)
            return program;
    }
    return NULL;
}

static bool compare(const struct pins *pins, const char *facts, const struct pairs *seen,
                    struct error *err) {
    const char *planned = NULL;
    const struct pair *changed = find_changed(pins, facts, seen, false, &planned);
    return !changed || refuse(pins, changed->name, planned, changed->value, err);
}

char *pins_accepted(const struct pins *pins, const struct strings *command) {
    AUTO(pairs_clear) struct pairs seen = { 0 };
    const char *planned = NULL;
    if (!pins->plan || !pins->accepted || !pins->accepted->count)
        return NULL;
    observe_command(command, pins->config_folder, &seen);
    const struct pair *changed = find_changed(pins, hook_facts, &seen, true, &planned);
    return changed ? xasprintf("sha256:%s", changed->value) : NULL;
}

bool pins_command(const struct pins *pins, const struct strings *command, struct error *err) {
    AUTO(pairs_clear) struct pairs seen = { 0 };
    if (!pins->plan)
        return true;
    observe_command(command, pins->config_folder, &seen);
    return compare(pins, hook_facts, &seen, err);
}

bool pins_hook(const struct pins *pins, const struct config_hook *hook, struct error *err) {
    AUTO(pairs_clear) struct pairs seen = { 0 };
    if (!pins->plan)
        return true;
    observe_hook(hook, pins->config_folder, &seen);
    return compare(pins, hook_facts, &seen, err);
}

bool pins_all_hooks(const struct pins *pins, const struct config *config, struct error *err) {
    AUTO(pairs_clear) struct pairs seen = { 0 };
    if (!pins->plan)
        return true;
    observe_hooks(config, pins->config_folder, &seen);
    return compare(pins, hook_facts, &seen, err);
}

bool pins_secret(const struct pins *pins, const struct config_secret *reference, const char *what,
                 struct error *err) {
    AUTO(pairs_clear) struct pairs seen = { 0 };
    if (!pins->plan || !reference->exec.count)
        return true;
    observe_command(&reference->exec, pins->config_folder, &seen);
    return compare(pins, secret_facts, &seen, err) || error_wrap(err, "%s", what);
}
