#include "executor/cutover/standing.h"

#include <stdlib.h>
#include <string.h>

#include "executor/cutover/aftermath.h"
#include "executor/cutover/fence.h"
#include "providers/observe/discover.h"
#include "providers/redis/fleet.h"
#include "providers/redis/server.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

bool fence_must_stand(const char *mode, bool open, const struct plan *plan,
                      const struct journal_state *state) {
    const char *writes = json_find_string(json_find(plan->core.config, "cutover"), "writes");
    bool sent =
        open && state->cutover != JOURNAL_MARK_COUNT && state->cutover >= JOURNAL_MARK_SENDING;
    return strcmp(mode, plan_mode_names[PLAN_MIGRATE]) == 0 &&
           (!writes || strcmp(writes, config_writes_names[WRITES_NONE]) != 0) &&
           (sent || state->marks[JOURNAL_MARK_SWITCH_STARTED].count > 0);
}

void fence_standing_init(const struct plan *plan, const char *run, struct fence_standing *out) {
    AUTO(strings_clear) struct strings addresses = { 0 };
    aftermath_planned_nodes(plan, &addresses);
    out->value = fence_value(run);
    for (size_t i = 0; i < addresses.count; i++) {
        struct fence_standing_node *node = LIST_ADD(&out->nodes);
        node->address = xstrdup(addresses.items[i]);
        node->changes = -1;
    }
}

/* What one look is about: some of the nodes, in their order. */
struct visit {
    struct fence_standing *standing;
    size_t *which; /* of standing->nodes, for each that is asked */
    bool sets;
};

static const struct fence_standing_node *node_at(const struct visit *visit, size_t index) {
    return &visit->standing->nodes.items[visit->which[index]];
}

static void ask(void *context, size_t index, struct redis_connection *connection) {
    const struct visit *visit = context;
    const struct fence_values *were = &node_at(visit, index)->values;
    if (visit->sets) {
        redis_queue_words(connection, "CONFIG", "SET", were->lag_name,
                          strcmp(were->lag, "0") == 0 ? FENCE_LAG : were->lag, NULL);
        redis_queue_words(connection, "CONFIG", "SET", were->write_name, visit->standing->value,
                          NULL);
    }
    redis_queue_words(connection, "CONFIG", "GET", "min-*", NULL);
    redis_queue_words(connection, "INFO", NULL);
}

static bool take(struct redis_connection *connection, struct redis_reply **out, struct error *err) {
    return redis_take(connection, out, err) &&
           ((*out)->type != REDIS_FAULT || error_set(err, ERROR_REFUSED, "%s", (*out)->bytes));
}

static void learn(const struct redis_reply *reply, struct fence_standing_node *node) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_read(reply, &server);
    string_replace(&node->run_id, server.run_id);
    node->version = server.version;
    node->is_replica = server.is_replica;
    node->changes = server.changes;
    node->saved_at_s = server.saved_at_s;
}

static bool answer(void *context, size_t index, struct redis_connection *connection,
                   struct error *err) {
    const struct visit *visit = context;
    struct fence_standing_node *node = &visit->standing->nodes.items[visit->which[index]];
    AUTO(redis_reply_free)
    struct redis_reply *values = NULL, *info = NULL, *lag = NULL, *write = NULL;
    int64_t ended = 0;
    if ((visit->sets && (!take(connection, &lag, err) || !take(connection, &write, err))) ||
        !take(connection, &values, err) || !take(connection, &info, err))
        return false;
    learn(info, node);
    fence_values_clear(&node->values);
    if (!fence_values_read(values, &node->values))
        return error_set(err, ERROR_NOT_FOUND, "it does not return the setting");
    node->stands = fence_stands(&node->values, visit->standing->value);
    return !visit->sets || node->version >= FENCE_SCRIPTS_VERSION ||
           fence_end_clients(connection, &ended, err);
}

/* The source is asked only for what the file does not say. */
static void find_names(const struct fence_source *source, const bool *of,
                       struct fence_standing *standing) {
    AUTO(topology_clear) struct topology topology = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    bool asked = false;
    for (size_t i = 0; i < standing->nodes.count; i++) {
        struct fence_standing_node *node = &standing->nodes.items[i];
        bool is_primary = false;
        if ((of && !of[i]) || node->named)
            continue;
        node->named = strings_has(&source->config->nodes, node->address);
        if (node->named)
            continue;
        const struct discovery discovery = {
            .source = source->config,
            .password = source->password,
            .tls = source->tls,
            .deadline_mono_ms = clock_mono_ms() + source->config->timeout_ms,
        };
        if (!asked && !topology_discover(&discovery, &topology, &failure))
            topology_clear(&topology);
        asked = true;
        node->named = topology_find(&topology, node->address, &is_primary) != NULL;
        if (!node->named)
            string_replace(&node->problem,
                           failure.code != ERROR_NONE
                               ? failure.message
                               : "neither the migration file nor the source names it");
    }
}

static void call_on(const struct fence_source *source, const bool *of, bool sets,
                    struct fence_standing *standing) {
    find_names(source, of, standing);
    size_t count = 0;
    struct fleet_node *nodes = xcalloc(standing->nodes.count + 1, sizeof *nodes);
    struct visit visit = { .standing = standing,
                           .which = xcalloc(standing->nodes.count + 1, sizeof *visit.which),
                           .sets = sets };
    for (size_t i = 0; i < standing->nodes.count; i++) {
        if ((of && !of[i]) || !standing->nodes.items[i].named)
            continue;
        visit.which[count] = i;
        nodes[count++].address = standing->nodes.items[i].address;
        standing->nodes.items[i].stands = false;
    }
    const struct fleet fleet = { .username = source->config->username,
                                 .password = source->password,
                                 .tls = source->tls,
                                 .client_name = "ecmig-fence",
                                 .timeout_ms = source->config->timeout_ms,
                                 .ask = ask,
                                 .answer = answer,
                                 .context = &visit };
    fleet_ask(&fleet, nodes, count);
    for (size_t i = 0; i < count; i++)
        string_replace(&standing->nodes.items[visit.which[i]].problem,
                       nodes[i].problem.code != ERROR_NONE ? nodes[i].problem.message : NULL);
    fleet_nodes_clear(nodes, count);
    free(nodes);
    free(visit.which);
}

void fence_standing_ask(const struct fence_source *source, const bool *of,
                        struct fence_standing *standing) {
    call_on(source, of, false, standing);
}

void fence_standing_set(const struct fence_source *source, const bool *of,
                        struct fence_standing *standing) {
    call_on(source, of, true, standing);
}

/* With a lag limit of 0 the server ignores the number of replicas. */
bool fence_standing_node_is_missing(const struct fence_standing_node *node) {
    const struct fence_values *values = &node->values;
    return !node->problem && !node->stands && values->write &&
           !(fence_is_any(values->write) && strcmp(values->lag, "0") != 0);
}

bool fence_standing_is_missing(const struct fence_standing *standing) {
    for (size_t i = 0; i < standing->nodes.count; i++)
        if (fence_standing_node_is_missing(&standing->nodes.items[i]))
            return true;
    return false;
}

bool fence_standing_answers(const struct fence_standing *standing) {
    for (size_t i = 0; i < standing->nodes.count; i++)
        if (!standing->nodes.items[i].problem)
            return true;
    return false;
}

static void say_node(const struct fence_standing *standing, const struct fence_standing_node *node,
                     struct sheet *sheet) {
    const struct fence_values *values = &node->values;
    struct text *line = sheet_label(sheet, "fence");
    if (node->problem) {
        text_addf(line, "unknown on %s: %s", node->address, node->problem);
        return;
    }
    if (!fence_standing_node_is_missing(node)) {
        text_addf(line, "of another run on %s: min-replicas-to-write is %s", node->address,
                  values->write);
        return;
    }
    text_addf(line,
              "MISSING on %s, which accepts writes that the target does not get: "
              "min-replicas-to-write is %s, min-replicas-max-lag %s",
              node->address, values->write, values->lag);
    line = sheet_more(sheet);
    text_addf(line, "set it again: CONFIG SET min-replicas-to-write %s", standing->value);
    if (strcmp(values->lag, "0") == 0)
        text_add(line, ", CONFIG SET min-replicas-max-lag " FENCE_LAG);
}

void fence_standing_say(const struct fence_standing *standing, struct sheet *sheet) {
    size_t stands = 0;
    for (size_t i = 0; i < standing->nodes.count; i++)
        stands += standing->nodes.items[i].stands;
    if (stands && stands == standing->nodes.count)
        text_add(sheet_label(sheet, "fence"), "set: every source node refuses writes");
    for (size_t i = 0; i < standing->nodes.count; i++)
        if (!standing->nodes.items[i].stands)
            say_node(standing, &standing->nodes.items[i], sheet);
    if (fence_standing_is_missing(standing))
        text_add(sheet_more(sheet), "if you did not lift it, an operator, a configuration tool or "
                                    "a restart without the configuration file did");
}

struct json *fence_standing_json(const struct fence_standing *standing) {
    struct json *nodes = json_new_array();
    for (size_t i = 0; i < standing->nodes.count; i++) {
        const struct fence_standing_node *node = &standing->nodes.items[i];
        struct json *entry = json_new_object();
        json_put_string(entry, "node", node->address);
        json_put_bool(entry, "stands", node->stands);
        json_put_string(entry, "min_replicas_to_write", node->values.write);
        json_put_string(entry, "min_replicas_max_lag", node->values.lag);
        json_put_string(entry, "problem", node->problem);
        json_append(nodes, entry);
    }
    return nodes;
}

void fence_standing_clear(struct fence_standing *standing) {
    if (!standing)
        return;
    for (size_t i = 0; i < standing->nodes.count; i++) {
        free(standing->nodes.items[i].address);
        fence_values_clear(&standing->nodes.items[i].values);
        free(standing->nodes.items[i].problem);
        free(standing->nodes.items[i].run_id);
    }
    free(standing->nodes.items);
    free(standing->value);
    *standing = (struct fence_standing){ 0 };
}
