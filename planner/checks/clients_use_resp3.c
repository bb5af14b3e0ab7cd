#include "planner/applications.h"
#include "planner/checks/check.h"
#include "planner/modify.h"
#include "planner/version.h"
#include "schemas/base/memory.h"

static void run_node(const struct check_input *input, const struct observed_node *node,
                     struct findings *out) {
    const char *engine = situation_target_engine(input->situation);
    const char *version = modify_version(input->situation);
    const char *greetings = pairs_find(&node->applications.newer_calls, "hello");
    size_t at = 0;
    const struct observed_use *use = applications_next(node, "resp3", &at);
    if ((!use && !greetings) || input->situation->promoted || !check_is(engine, "redis") ||
        !version_below(version, 6, 0, 0))
        return;
    struct finding *finding = check_found(
        input, out, node->address, "clients use HELLO, which redis %s does not have", version);
    AUTO(text_clear) struct text clients = { 0 };
    if (use)
        applications_add_use(&clients, use);
    if (use)
        finding_detail(finding, "with RESP 3: %s", text_string(&clients));
    else
        finding_detail(finding, "calls since the server's statistics began: %s", greetings);
}

const struct check check_clients_use_resp3 = {
    .title = "The target speaks the protocol of the clients",
    .reads = "INFO commandstats; CLIENT LIST resp; engine of the target",
    .cause = "Clients send HELLO, which chooses the protocol (RESP 3) and came with Redis OSS 6.0.",
    .risk =
        "Most libraries fall back to RESP 2. Those that were told to use RESP 3 do not connect.",
    .remedy = "choose Valkey, or redis 6.0 or newer, as the target; or set the clients to RESP 2",
    .severity = SEVERITY_WARNING,
    .facts = "INFO+commandstats",
    .unread = SEVERITY_NOTE,
    .run_node = run_node,
};
