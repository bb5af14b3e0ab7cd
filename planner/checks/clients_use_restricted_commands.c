#include "planner/applications.h"
#include "planner/checks/check.h"
#include "schemas/base/memory.h"

static void find_called(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const struct pairs *calls = &node->applications.restricted_calls;
    AUTO(strings_clear) struct strings names = { 0 }, counts = { 0 };
    for (size_t i = 0; i < calls->count; i++) {
        strings_add(&names, calls->items[i].name);
        strings_addf(&counts, "%s %s", calls->items[i].name, calls->items[i].value);
    }
    if (!names.count)
        return;
    AUTO(string_free) char *list = strings_join(&names, ", ");
    AUTO(string_free) char *numbers = strings_join(&counts, ", ");
    finding_detail(check_found(input, out, node->address,
                               "ElastiCache refuses commands that are "
                               "in use: %s",
                               list),
                   "calls since the server's statistics began: %s", numbers);
}

static void find_seen(const struct check_input *input, const struct observed_node *node,
                      struct findings *out) {
    AUTO(text_clear) struct text clients = { 0 };
    const struct observed_use *use;
    for (size_t at = 0; (use = applications_next(node, "command", &at));)
        applications_add_use(&clients, use);
    if (*text_string(&clients))
        finding_detail(check_found_as(input, out, SEVERITY_NOTE, node->address,
                                      "the last command of open connections is one that "
                                      "ElastiCache refuses"),
                       "%s", text_string(&clients));
}

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    if (input->situation->promoted)
        return;
    find_called(input, node, out);
    find_seen(input, node, out);
}

const struct check check_clients_use_restricted_commands = {
    .title = "The applications call no command that ElastiCache refuses",
    .reads = "INFO commandstats; CLIENT LIST cmd",
    .cause = "ElastiCache refuses BGREWRITEAOF, BGSAVE, CONFIG, DEBUG, MIGRATE, REPLICAOF, SAVE, "
             "SHUTDOWN, SYNC, the subcommands of ACL that change users and those of CLUSTER that "
             "change the cluster. commandstats counts calls of some of them, or a client called "
             "one last. CONFIG and what else people, Sentinels, monitoring and ecmig call is told "
             "only of connections that are open now.",
    .risk = "The target answers \"unknown command\": backup jobs fail, and an application that "
            "calls such a command when it starts, as some session libraries call CONFIG SET, does "
            "not start.",
    .remedy = "take BGSAVE and SAVE out of jobs (snapshots of ElastiCache replace them), and turn "
              "off CONFIG SET in the libraries of the applications (set the parameter in "
              "target.parameters instead); nothing to do for commands that only operators call",
    .severity = SEVERITY_WARNING,
    .of_moment = true,
    .facts = "INFO+commandstats",
    .unread = SEVERITY_NOTE,
    .run_node = run_node,
};
