#include "cmd/migration/resume.h"

#include "executor/executor.h"
#include "schemas/base/memory.h"

bool same_config(const struct session *session, const struct plan *plan, struct report *report,
                 struct error *err) {
    AUTO(json_free) struct json *now = shape_write(config_shape(), &session->config);
    if (json_same(now, plan->core.config))
        return true;
    error_set(err, ERROR_STALE, "the migration file changed since the open run began");
    report_config_difference(report, plan->core.config, now);
    return error_hint(err,
                      "restore the file and apply again, plan the rest and approve that plan "
                      "(ecmig plan %s), or abort the migration (ecmig abort %s)",
                      session->words, session->words);
}

/* What does not answer has not changed; nothing can be said of it. */
static bool source_answers(const struct session *session, const struct observed *seen,
                           struct error *err) {
    for (size_t i = 0; i < seen->source.nodes.count; i++) {
        const struct observed_node *node = &seen->source.nodes.items[i];
        if (!node->reachable) {
            error_set(err, ERROR_BLOCKED, "source node '%s' cannot be reached: %s", node->address,
                      node->problem ? node->problem : "no answer");
            return error_hint(
                err, "apply again when it answers, or abort the migration (ecmig abort %s)",
                session->words);
        }
    }
    return true;
}

bool same_world(const struct call *call, struct session *session, const struct plan *plan,
                const struct journal_state *state, struct error *err) {
    AUTO(strings_clear) struct strings differences = { 0 };
    AUTO(observed_clear) struct observed seen = { 0 };
    if (!session_observe(session, &seen, err) || !source_answers(session, &seen, err))
        return false;
    AUTO(json_free) struct json *facts = observed_facts(&seen);
    executor_differences(plan, state, facts, &differences);
    for (size_t i = 0; i < differences.count; i++)
        output_warn(call->output, "  %s", differences.items[i]);
    if (!differences.count)
        return true;
    error_set(err, ERROR_STALE, "the environment changed since the run's last step");
    return error_hint(err,
                      "find out who changed it; a fence (min-replicas-to-write) that this run did "
                      "not set may protect applications that have moved, and stays. Then restore "
                      "it and apply again, plan the rest and approve that plan (ecmig plan %s), or "
                      "abort the migration (ecmig abort %s)",
                      session->words, session->words);
}
