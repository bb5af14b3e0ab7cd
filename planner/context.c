#include "planner/context.h"

#include <inttypes.h>
#include <string.h>

#include "planner/diff.h"
#include "planner/planner.h"
#include "planner/predict.h"
#include "planner/sequence.h"
#include "planner/shards.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/base/text.h"
#include "schemas/base/units.h"

#define DATABASES_NAMED_COUNT 16 /* as many as a server has by default */

static const char *engine_name(const char *engine) {
    if (!engine)
        return "unknown engine";
    return strcmp(engine, "valkey") == 0  ? "Valkey"
           : strcmp(engine, "redis") == 0 ? "Redis"
                                          : engine;
}

static void add_plural(struct text *text, int64_t count, const char *noun) {
    units_add_count(text, count);
    text_addf(text, " %s%s", noun, count == 1 ? "" : "s");
}

static int64_t keys_of(const struct observed_node *node) {
    int64_t keys = 0;
    for (size_t i = 0; i < node->databases.count; i++)
        keys = number_sum(keys, node->databases.items[i].keys);
    return keys;
}

static void add_databases(struct text *text, const struct situation *situation) {
    const struct observed_node *node;
    struct primary_walk walk = { 0 };
    int64_t keys = 0;
    while ((node = situation_next_primary(situation, &walk)))
        keys = number_sum(keys, keys_of(node));
    add_plural(text, keys, "key");
    node = situation->primary;
    if (!situation->clustered && node->databases.count > DATABASES_NAMED_COUNT)
        text_addf(text, " in %zu databases up to db%" PRId64, node->databases.count,
                  node->highest_database);
    else
        for (size_t i = 0; !situation->clustered && i < node->databases.count; i++)
            text_addf(text, "%s%" PRId64, i ? ", db" : " in db", node->databases.items[i].index);
}

/* Who it is that the name of the topology stands for. */
static void add_servers(struct text *text, const struct situation *situation) {
    const struct observed_source *source = &situation->observed->source;
    if (situation->clustered) {
        add_plural(text, (int64_t)source->shards.count, "shard");
        text_add(text, " on ");
        add_plural(text, (int64_t)source->nodes.count, "node");
        return;
    }
    text_add(text, situation->primary->address);
    if (source->nodes.count > 1) {
        text_add(text, ", ");
        add_plural(text, (int64_t)source->nodes.count - 1, "replica");
    }
    if (situation->config->source.topology == TOPOLOGY_SENTINEL) {
        text_addf(text, ", \"%s\" of ", situation->config->source.sentinel_master);
        add_plural(text, source->agreement.sentinels, "Sentinel");
    }
}

static char *describe_source(const struct situation *situation) {
    AUTO(text_clear) struct text text = { 0 };
    const struct observed_node *node = situation->primary;
    if (!node || !node->reachable) {
        text_addf(&text, "%s: not reachable", node ? node->address : "no server");
        return text_take(&text);
    }
    text_addf(&text, "%s %s %s, ", engine_name(node->engine),
              node->version ? node->version : "of unknown version",
              config_topology_names[situation->config->source.topology]);
    add_servers(&text, situation);
    text_add(&text, "; ");
    units_add_bytes(&text, situation->data_bytes);
    text_add(&text, ", ");
    add_databases(&text, situation);
    shards_describe(situation, &text);
    return text_take(&text);
}

static void add_shape(struct text *text, const struct situation *situation) {
    const struct observed_target *seen = &situation->observed->target;
    const struct config_target *wanted = &situation->config->target;
    const char *engine = situation_target_engine(situation),
               *version = situation_target_version(situation);
    const char *type = situation_target_node_type(situation);
    int64_t replicas = seen->exists ? seen->replicas_per_shard : wanted->replicas_per_shard;
    bool multi_az = seen->exists ? seen->multi_az && strcmp(seen->multi_az, "enabled") == 0
                                 : wanted->multi_az != TRI_NO;
    int64_t shards = seen->exists                    ? seen->shards
                     : wanted->shards == SHAPE_UNSET ? (int64_t)situation_serving_shards(situation)
                                                     : wanted->shards;
    text_addf(text, "\n%s%s%s, cluster mode %s, %s, ", engine_name(engine), version ? " " : "",
              version ? version : "",
              situation_target_clustered(situation) ? "enabled" : "disabled",
              type ? type : "unknown node type");
    bool clustered = situation_target_clustered(situation);
    if (seen->exists && (shards == 0 || replicas == SHAPE_UNSET)) {
        text_addf(text, "%s; its nodes are not known yet", seen->status ? seen->status : "unknown");
        return;
    }
    if (clustered)
        add_plural(text, shards, "shard");
    text_add(text, clustered ? " with " : "1 primary + ");
    add_plural(text, replicas == SHAPE_UNSET ? 1 : replicas, "replica");
    text_add(text, clustered && shards > 1 ? " each" : "");
    text_add(text, multi_az ? ", Multi-AZ" : "");
}

static void add_following(struct text *text, const struct observed_target *seen) {
    size_t count = 0;
    for (size_t i = 0; i < seen->shard_list.count; i++)
        count += seen->shard_list.items[i].replicates_from != NULL;
    if (count)
        text_addf(text, ", %zu of %zu shards follow the source", count, seen->shard_list.count);
    else if (seen->replicates_from)
        text_addf(text, ", follows %s", seen->replicates_from);
}

static char *describe_target(const struct situation *situation) {
    AUTO(text_clear) struct text text = { 0 };
    const struct observed_target *seen = &situation->observed->target;
    const struct config_target *wanted = &situation->config->target;
    const char *region = seen->region ? seen->region : wanted->region;
    text_addf(&text, "ElastiCache %s, %s", config_target_name(wanted),
              region ? region : "unknown region");
    if (wanted->endpoint_url)
        text_addf(&text, " at %s", wanted->endpoint_url);
    else if (seen->on_this_machine)
        text_add(&text, " on this machine");
    if (!seen->reachable) {
        text_add(&text, seen->refused ? ": refused a request" : ": could not be asked");
        return text_take(&text);
    }
    if (situation->serverless) {
        text_addf(&text, ": serverless cache, %s",
                  !seen->serverless ? "not found"
                  : seen->status    ? seen->status
                                    : "unknown status");
        if (seen->engine)
            text_addf(&text, "; %s %s", seen->engine,
                      seen->engine_version ? seen->engine_version : "of unknown version");
        return text_take(&text);
    }
    if (!seen->exists) {
        bool creates = situation_creates(situation);
        text_addf(&text, ": does not exist%s", creates ? ", will be created" : "");
        if (!creates)
            return text_take(&text);
    } else {
        AUTO(differences_clear) struct differences differences = { 0 };
        diff_target(wanted, seen, &differences);
        const char *endpoint = seen->configuration ? seen->configuration : seen->primary;
        text_addf(&text, ": %s%s%s", seen->status ? seen->status : "of unknown status",
                  endpoint ? " at " : "", endpoint ? endpoint : "");
        add_following(&text, seen);
        if (differences.equal_count)
            text_addf(&text, " (%zu equal values not shown)", differences.equal_count);
    }
    add_shape(&text, situation);
    if (seen->caller)
        text_addf(&text, "\nseeds: %s", seen->caller);
    return text_take(&text);
}

static void add_estimates(struct plan *plan, const struct situation *situation) {
    for (size_t i = 0; i < plan->core.steps.count; i++) {
        const struct plan_step *step = &plan->core.steps.items[i];
        const struct planned_step *planned = sequence_of(step)->planned;
        AUTO(text_clear) struct text range = { 0 };
        AUTO(text_clear) struct text basis = { 0 };
        if (!planned->estimate)
            continue;
        planned->estimate(situation, &range, &basis);
        *LIST_ADD(&plan->context.estimates) = (struct plan_estimate){ .step = xstrdup(step->id),
                                                                      .range = text_take(&range),
                                                                      .basis = text_take(&basis) };
    }
}

static void add_waiting(struct text *text, const struct situation *situation) {
    if (!situation->fences) {
        text_add(text, ", NOTHING HOLDS THE WRITERS");
    } else if (situation->promoted) {
        text_add(text, ", writers are refused until the switch");
    } else if (situation->holds && !situation->pauses) {
        text_add(text, ", writers are stopped by a hook until the switch");
    } else if (situation->holds) {
        text_add(text, ", writers wait up to ");
        units_add_duration(text, situation->config->cutover.max_write_pause_ms);
        text_addf(text, ", then are refused %s", usual_range(situation, RANGE_COMPLETE));
    } else {
        text_addf(text, ", writers are refused %s", usual_range(situation, RANGE_COMPLETE));
    }
}

static bool is_fenced(const struct situation *situation) {
    for (size_t i = 0; i < situation->observed->source.nodes.count; i++)
        if (situation_is_fenced(situation, &situation->observed->source.nodes.items[i]))
            return true;
    return false;
}

static void add_abort(struct text *text, const struct situation *situation, int64_t changes) {
    const struct observed_history *history = &situation->observed->history;
    if (!changes && !history->open) {
        text_add(text, "NOTHING TO ABORT.");
        return;
    }
    text_add(text, history->open && !situation->gives_up ? "UNDER WAY. " : "READY TO APPROVE. ");
    add_plural(text, changes, "change");
    text_add(text, is_fenced(situation) ? ", the source accepts writes again"
                                        : ", clients are not affected");
    text_add(text, situation->migrating ? "; replication starts over." : ".");
}

static char *describe_method(const struct situation *situation) {
    const struct observed_target *target = &situation->observed->target;
    if (situation->serverless)
        return xstrdup("online migration to a serverless cache (PrepareMigration, StartMigration, "
                       "CompleteMigration), which ecmig does not drive yet");
    if (situation->mode == PLAN_MIGRATE)
        return xstrdup("online migration (StartMigration, CompleteMigration)");
    if (situation->too_late)
        return xstrdup("abort: no longer possible");
    AUTO(text_clear) struct text text = { 0 };
    text_add(&text, "abort: the source stays authoritative and no write is lost");
    if (target->exists && !situation->removes)
        text_addf(&text, "\nreplication group %s stays%s: delete it yourself if you do not need it",
                  situation->config->target.replication_group,
                  situation->migrating || target->holds_keys ? ", with a copy of the data" : "");
    return text_take(&text);
}

static char *verdict(const struct plan *plan, const struct situation *situation,
                     const struct findings *found) {
    AUTO(text_clear) struct text text = { 0 };
    size_t errors = findings_count(found, SEVERITY_ERROR);
    int64_t changes = 0;
    for (size_t i = 0; i < plan->core.steps.count; i++) {
        enum step_action action = plan->core.steps.items[i].action;
        changes += action != ACTION_CHECK && action != ACTION_GATE;
    }
    text_addf(&text, "ecmig %s %s: ", situation->mode == PLAN_ABORT ? "abort" : "plan",
              plan->core.migration);
    if (errors) {
        text_add(&text, "BLOCKED. ");
        add_plural(&text, (int64_t)errors, "error");
        text_add(&text, situation->looked ? " to resolve first; nothing can be applied."
                                          : " to resolve first; no steps could be planned.");
    } else if (situation->mode == PLAN_ABORT) {
        add_abort(&text, situation, changes);
    } else if (!plan->core.steps.count) {
        text_add(&text, situation->finished ? "NOTHING TO DO. The migration is finished."
                                            : "NOTHING TO DO.");
    } else {
        text_add(&text, situation->observed->history.open ? "UNDER WAY. " : "READY TO APPROVE. ");
        add_plural(&text, changes, "change");
        if (plan->core.gates.count) {
            text_add(&text, ", ");
            add_plural(&text, (int64_t)plan->core.gates.count, "gate");
        }
        add_waiting(&text, situation);
        text_add_char(&text, '.');
    }
    return text_take(&text);
}

void context_fill(struct plan *plan, const struct situation *situation,
                  const struct findings *found) {
    struct plan_context *context = &plan->context;
    context->applyable = findings_count(found, SEVERITY_ERROR) == 0;
    context->complete = situation->complete;
    context->source = describe_source(situation);
    context->target = describe_target(situation);
    context->method = describe_method(situation);
    context->record = xstrdup(situation->observed->record.place);
    context->measurements = shape_write(&observed_shape, situation->observed);
    for (size_t i = 0; i < found->count; i++) {
        const struct finding *finding = &found->items[i];
        *LIST_ADD(&context->findings) =
            (struct plan_note){ .id = xstrdup(finding->id),
                                .severity = finding->severity,
                                .subject = xstrdup(finding->subject),
                                .summary = xstrdup(finding->summary),
                                .detail = xstrdup(finding->detail),
                                .remedy = xstrdup(finding->remedy),
                                .waived_by = xstrdup(finding->waived_by) };
    }
    add_estimates(plan, situation);
    predict(situation, &context->predictions);
    context->summary = verdict(plan, situation, found);
}
