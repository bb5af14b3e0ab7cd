#include "executor/steps/setting.h"

#include <stdlib.h>
#include <string.h>

#include "executor/site/memory.h"
#include "executor/site/orders.h"
#include "providers/redis/server.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/base/text.h"
#include "schemas/observed/room.h"

#define NODES_NAMED 4

static void setting_node_clear(struct setting_node *node) {
    free(node->value);
}

void setting_nodes_clear(struct setting_nodes *nodes) {
    if (!nodes)
        return;
    LIST_CLEAR(nodes, setting_node_clear);
    error_clear(&nodes->missing);
    *nodes = (struct setting_nodes){ 0 };
}

static void note_missing(struct setting_nodes *nodes, struct error *failure) {
    if (nodes->missing.code == ERROR_NONE)
        error_move(&nodes->missing, failure);
    error_clear(failure);
}

/* Both lists are in the order of the source's shards, or nearly so: the search continues from `at`.
 */
static struct redis_connection *find(const struct site *site, const char *address, size_t *at,
                                     bool *known) {
    for (size_t i = 0; i < site->nodes.count; i++) {
        const struct site_node *node = &site->nodes.items[(*at + i) % site->nodes.count];
        if (strcmp(node->address, address) != 0)
            continue;
        *at = (*at + i) % site->nodes.count;
        *known = true;
        return node->connection;
    }
    *known = false;
    return NULL;
}

/* The nodes of the step's effects, with their connections where there are. */
static bool find_nodes(struct step_run *run, struct error *away, struct setting_nodes *out,
                       struct error *err) {
    const struct plan_step *step = run->step;
    size_t at = 0;
    for (size_t i = 0; i < step->effects.count; i++) {
        const struct plan_effect *effect = &step->effects.items[i];
        const char *address = plan_effect_node(&run->site->plan->core, effect);
        const char *name = plan_effect_setting(effect);
        if (!address || !effect->after || strcmp(name, plan_step_setting(step)) != 0)
            return error_set(err, ERROR_FORMAT, "step %s has no value for node '%s'", step->id,
                             effect->field);
        AUTO(error_clear) struct error gone = { 0 };
        bool known;
        struct redis_connection *connection = find(run->site, address, &at, &known);
        *LIST_ADD(out) = (struct setting_node){ .address = address,
                                                .before = effect->before,
                                                .after = effect->after,
                                                .connection = connection };
        if (!known) {
            error_set(&gone, ERROR_NOT_FOUND, "the source no longer has a node '%s'", address);
            note_missing(out, &gone);
        } else if (!connection) {
            note_missing(out, away);
        }
    }
    return step->effects.count || error_set(err, ERROR_FORMAT, "step %s has no effect", step->id);
}

/* Asks the nodes for the parameter; one that does not answer has no value now. */
static void ask(const char *name, struct setting_nodes *nodes) {
    AUTO(many_clear) struct many asked = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i].connection)
            many_add(&asked, nodes->items[i].connection);
    if (!many_call(&asked, REDIS_NOW, &replies, &failure, "CONFIG", "GET", name, NULL))
        note_missing(nodes, &failure);
    for (size_t i = 0, next = 0; i < nodes->count; i++) {
        struct setting_node *node = &nodes->items[i];
        const struct redis_reply *reply = node->connection ? replies.items[next++] : NULL;
        const char *value = server_setting(reply, name);
        string_replace(&node->value, value);
        if (!reply || value)
            continue;
        error_set(&failure, ERROR_NOT_FOUND, "'%s' has no setting '%s'", node->address, name);
        note_missing(nodes, &failure);
    }
}

static bool is_away(const struct error *err) {
    return err->code == ERROR_UNREACHABLE || err->code == ERROR_DEADLINE;
}

bool setting_read(struct step_run *run, struct setting_nodes *out, struct error *err) {
    AUTO(setting_nodes_clear) struct setting_nodes made = { 0 };
    AUTO(error_clear) struct error away = { 0 };
    bool all_there = site_source(run->site, SITE_NODES, &away);
    if (!all_there && (!is_away(&away) || !run->site->nodes.count)) {
        error_move(err, &away);
        return false;
    }
    if (!find_nodes(run, &away, &made, err))
        return false;
    ask(plan_step_setting(run->step), &made);
    bool any_said = false;
    for (size_t i = 0; i < made.count; i++)
        any_said |= made.items[i].value != NULL;
    if (!any_said)
        return setting_all_said(&made, err);
    setting_nodes_clear(out);
    *out = MOVE(made);
    return true;
}

bool setting_all_said(struct setting_nodes *nodes, struct error *err) {
    if (nodes->missing.code == ERROR_NONE)
        return true;
    error_move(err, &nodes->missing);
    return false;
}

bool setting_probe(struct step_run *run, bool *done, struct error *err) {
    AUTO(setting_nodes_clear) struct setting_nodes nodes = { 0 };
    if (!setting_read(run, &nodes, err) || !setting_all_said(&nodes, err))
        return false;
    *done = true;
    for (size_t i = 0; i < nodes.count; i++)
        *done = *done && strcmp(nodes.items[i].value, nodes.items[i].after) == 0;
    return true;
}

static bool tell(const char *name, const struct setting_nodes *nodes, struct error *err) {
    AUTO(orders_clear) struct orders orders = { 0 };
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i].ordered)
            orders_add(&orders, nodes->items[i].connection, name, nodes->items[i].after);
    return orders_send(&orders, err) || error_wrap(err, "setting '%s'", name);
}

/* -1 where the value is not a size, or is not raised: a lower limit gives memory back. */
static int64_t raised_backlog(const char *name, const struct setting_node *node) {
    int64_t after = number_or(node->after, -1);
    bool raised =
        strcmp(name, ROOM_BACKLOG) == 0 && node->value && after > number_or(node->value, 0);
    return raised ? after : -1;
}

/* Does every node that is ordered a larger backlog have room for it? */
static bool memory_allows_all(const struct step_run *run, const struct setting_nodes *nodes,
                              struct error *err) {
    AUTO(many_clear) struct many servers = { 0 };
    int64_t *sizes = xcalloc(nodes->count + 1, sizeof *sizes);
    for (size_t i = 0; i < nodes->count; i++) {
        int64_t size = raised_backlog(plan_step_setting(run->step), &nodes->items[i]);
        if (!nodes->items[i].ordered || !nodes->items[i].connection || size < 0)
            continue;
        sizes[servers.count] = size;
        many_add(&servers, nodes->items[i].connection);
    }
    bool allowed = memory_allows_backlogs(run->site, &servers, sizes, err);
    free(sizes);
    return allowed;
}

bool setting_apply(struct step_run *run, struct setting_nodes *nodes, struct error *err) {
    const char *name = plan_step_setting(run->step);
    int64_t ordered = 0;
    for (size_t i = 0; i < nodes->count; i++)
        ordered += nodes->items[i].ordered;
    json_put_int(run->evidence, "nodes_set", ordered);
    if (!ordered)
        return true;
    if (!memory_allows_all(run, nodes, err) || !step_may_act(run, err) || !tell(name, nodes, err))
        return false;
    ask(name, nodes);
    for (size_t i = 0; i < nodes->count; i++) {
        const struct setting_node *node = &nodes->items[i];
        if (node->ordered && node->value && strcmp(node->value, node->after) != 0)
            return error_set(err, ERROR_FAILED, "'%s' on '%s' reads '%s' after it was set to '%s'",
                             name, node->address, node->value, node->after);
    }
    return true;
}

void setting_put_before(const struct step_run *run, const struct setting_nodes *nodes,
                        struct json *intent) {
    struct json *before = json_new_object();
    json_put_string(intent, "setting", plan_step_setting(run->step));
    for (size_t i = 0; i < nodes->count; i++)
        json_put_string(before, nodes->items[i].address, nodes->items[i].value);
    json_put(intent, "before", before);
}

static bool same_change(const struct plan_effect *left, const struct plan_effect *right) {
    return string_same(plan_effect_setting(left), plan_effect_setting(right)) &&
           string_same(left->after, right->after);
}

/* The nodes that the change at `first` is for, unless an earlier one is the same. */
static bool name_nodes(const struct plan_core *core, const struct plan_step *step, size_t first,
                       struct text *out) {
    const struct plan_effect *change = &step->effects.items[first];
    size_t count = 0;
    for (size_t i = 0; i < first; i++)
        if (same_change(&step->effects.items[i], change))
            return false;
    for (size_t i = first; i < step->effects.count; i++) {
        const struct plan_effect *effect = &step->effects.items[i];
        const char *node = plan_effect_node(core, effect);
        if (node && same_change(effect, change) && count++ < NODES_NAMED)
            text_addf(out, "%s%s", out->length ? ", " : "", node);
    }
    if (count > NODES_NAMED)
        text_addf(out, " and %zu more", count - NODES_NAMED);
    return count > 0;
}

void setting_left_over(const struct step_left *left, struct strings *out) {
    const struct plan_step *step = left->step;
    if (left->progress == PROGRESS_DONE)
        return;
    for (size_t i = 0; i < step->effects.count; i++) {
        const struct plan_effect *effect = &step->effects.items[i];
        AUTO(text_clear) struct text nodes = { 0 };
        if (name_nodes(&left->site->plan->core, step, i, &nodes))
            strings_addf(out, "%s: CONFIG SET %s \"%s\"", text_string(&nodes),
                         plan_effect_setting(effect), effect->after ? effect->after : "");
    }
}
