#include "planner/checks/check.h"
#include "planner/modify.h"
#include "schemas/base/memory.h"
#include "schemas/observed/newer_commands.h"

/* One that the source has by an older form of its own is sent in that form. */
static void run_primary(const struct check_input *input, const struct observed_node *node,
                        struct findings *out) {
    const char *engine = situation_target_engine(input->situation);
    const char *version = modify_version(input->situation);
    AUTO(strings_clear) struct strings unknown = { 0 }, calls = { 0 };
    for (size_t i = 0; engine && version && i < node->newer_writes.count; i++) {
        const struct pair *used = &node->newer_writes.items[i];
        const struct newer_command *command = newer_command_find(used->name);
        if (!command || !newer_command_is_in(command, node->engine, node->version) ||
            newer_command_is_in(command, engine, version))
            continue;
        strings_add(&unknown, command->name);
        strings_addf(&calls, "%s %s", command->name, used->value);
    }
    if (!unknown.count)
        return;
    AUTO(string_free) char *names = strings_join(&unknown, ", ");
    AUTO(string_free) char *counts = strings_join(&calls, ", ");
    struct finding *finding =
        check_found(input, out, node->address, "%s %s does not support %s", engine, version, names);
    finding_detail(finding, "calls since the server's statistics began: %s", counts);
}

const struct check check_source_newer_commands = {
    .title = "The target supports every command that changes data",
    .reads = "INFO commandstats; engine of the target",
    .cause = "The source's commandstats counts calls of commands that change data and that the "
             "target's version does not have.",
    .risk = "The target silently skips each of them, and the transactions that contain them: the "
            "link stays up, the offsets are equal, and the data differs.",
    .remedy = "choose a target engine that supports them; if they are no longer called, run CONFIG "
              "RESETSTAT on the source and plan again, or waive this",
    .severity = SEVERITY_ERROR,
    .waivable = true,
    .facts = "INFO+commandstats",
    .unread = SEVERITY_WARNING,
    .run_primary = run_primary,
};
