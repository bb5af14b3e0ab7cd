#include "planner/checks/check.h"

#include <stdlib.h>
#include <string.h>

static void find_others(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const struct strings *names = &input->observed->history.set_by_others;
    size_t length = strlen(node->address);
    for (size_t i = 0; i < names->count; i++)
        if (strncmp(names->items[i], node->address, length) == 0 && names->items[i][length] == ' ')
            check_found(input, out, node->address,
                        "something else changed %s while this migration relied on it",
                        names->items[i] + length + 1);
}

/* A fence is of another check. */
static void find_number(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const char *name = situation_fence_setting(node);
    const char *value = name ? pairs_find(&node->settings, name) : NULL;
    long long number = value ? strtoll(value, NULL, 10) : 0;
    if (number <= 0 || number >= FENCE_LOWEST)
        return;
    struct finding *finding = check_found_as(input, out, SEVERITY_NOTE, node->address,
                                             "%s is %s: something else uses it", name, value);
    finding_remedy(
        finding,
        "find out what sets %s; if it sets it repeatedly (a Kubernetes operator, a chart, "
        "configuration management), it removes the fence: stop it until the migration is over",
        name);
}

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    find_others(input, node, out);
    if (!input->situation->fences)
        return;
    find_number(input, node, out);
    if (node->without_file)
        finding_remedy(check_found_as(input, out, SEVERITY_NOTE, node->address,
                                      "it runs without a configuration file: a restart drops every "
                                      "setting, and the fence"),
                       "do not restart it before it is shut down for good; after the migration, "
                       "'ecmig watch-fence --keep FILE' sets the fence again after a restart");
}

const struct check check_source_keeps_settings = {
    .title = "The source keeps its settings",
    .reads = "CONFIG GET min-replicas-to-write; INFO config_file; journal: settings that went back",
    .cause = "Something else changes settings that a run relies on (a Kubernetes operator, a "
             "chart, configuration management), or a restart drops them.",
    .risk = "The fence is removed. Before CompleteMigration is sent, the cutover then ends with "
            "exit 11; later the source accepts writes that the target never gets, until the fence "
            "is set again.",
    .remedy = "stop what applies its own settings there (a Kubernetes operator, a chart, "
              "configuration management) until the migration is over, then check with a drill that "
              "settings stay: ecmig drill --reconcile 3m FILE",
    .severity = SEVERITY_WARNING,
    .of_moment = true,
    .run_node = run_node,
};
