#include <string.h>

#include "planner/applications.h"
#include "planner/checks/check.h"
#include "planner/modify.h"
#include "schemas/base/memory.h"
#include "schemas/observed/newer_commands.h"

/* Libraries say it when they connect, and most do without: clients-use-resp3 tells of it. */
#define GREETING "hello"

static void add_subscribers(const struct observed_node *node, struct text *detail) {
    const struct observed_use *use;
    for (size_t at = 0; (use = applications_next(node, "shard channels", &at));) {
        text_add(detail, "; subscribers: ");
        AUTO(text_clear) struct text clients = { 0 };
        applications_add_use(&clients, use);
        text_add(detail, text_string(&clients));
    }
}

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    const char *engine = situation_target_engine(input->situation);
    const char *version = modify_version(input->situation);
    const struct pairs *calls = &node->applications.newer_calls;
    AUTO(strings_clear) struct strings lacking = { 0 }, counts = { 0 };
    for (size_t i = 0; engine && version && i < calls->count; i++) {
        const struct newer_command *command = newer_command_find(calls->items[i].name);
        if (!command || strcmp(command->name, GREETING) == 0 ||
            newer_command_is_in(command, engine, version))
            continue;
        strings_add(&lacking, command->name);
        strings_addf(&counts, "%s %s", command->name, calls->items[i].value);
    }
    if (!lacking.count || input->situation->promoted)
        return;
    AUTO(string_free) char *names = strings_join(&lacking, ", ");
    AUTO(string_free) char *numbers = strings_join(&counts, ", ");
    AUTO(text_clear) struct text detail = { 0 };
    text_addf(&detail, "calls since the server's statistics began: %s", numbers);
    if (strings_has(&lacking, "ssubscribe"))
        add_subscribers(node, &detail);
    finding_detail(
        check_found(input, out, node->address, "%s %s does not have %s", engine, version, names),
        "%s", text_string(&detail));
}

const struct check check_target_lacks_commands = {
    .title = "The target has every command that the applications call",
    .reads = "INFO commandstats; engine of the target",
    .cause = "The source's commandstats counts calls of commands that the target's version does "
             "not have. They are not part of the replication stream, so that the copy succeeds.",
    .risk = "After the switch the target answers \"unknown command\" to the applications that "
            "call them, and there is no way back.",
    .remedy = "choose a target engine that has them, or change the applications; if the commands "
              "are no longer called, run CONFIG RESETSTAT on the source and plan again, or waive "
              "this",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .facts = "INFO+commandstats",
    .unread = SEVERITY_NOTE,
    .run_node = run_node,
};
