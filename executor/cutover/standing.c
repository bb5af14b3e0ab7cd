#include "executor/cutover/standing.h"

#include <stdlib.h>
#include <string.h>

#include "executor/aftermath.h"
#include "executor/cutover/fence.h"
#include "providers/redis/fleet.h"
#include "schemas/base/memory.h"

static void ask(void *context, size_t index, struct redis_connection *connection) {
    (void)context;
    (void)index;
    redis_queue_words(connection, "CONFIG", "GET", "min-*", NULL);
}

/* Before 5.0 the settings are named min-slaves-…. */
static const char *value_of(const struct redis_reply *reply, const char *ending) {
    for (size_t i = 0; i + 1 < reply->count; i += 2) {
        const char *name = redis_text(reply->elements[i]);
        size_t length = strlen(name), size = strlen(ending);
        if (length > size && strcmp(name + length - size, ending) == 0)
            return redis_text(reply->elements[i + 1]);
    }
    return NULL;
}

static bool answer(void *context, size_t index, struct redis_connection *connection,
                   struct error *err) {
    struct fence_standing *standing = context;
    struct fence_standing_node *node = &standing->nodes.items[index];
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_take(connection, &reply, err))
        return false;
    if (reply->type == REDIS_FAULT)
        return error_set(err, ERROR_REFUSED, "%s", reply->bytes);
    node->write = xstrdup(value_of(reply, "-to-write"));
    node->lag = xstrdup(value_of(reply, "-max-lag"));
    /* With a lag limit of 0 the server ignores the number of replicas. */
    node->stands = node->write && node->lag && strcmp(node->write, standing->value) == 0 &&
                   strcmp(node->lag, "0") != 0;
    return node->write || error_set(err, ERROR_NOT_FOUND, "it does not show the setting");
}

void fence_standing_look(const struct config_source *source, const struct secret *password,
                         const struct redis_tls *tls, const struct plan *plan, const char *run,
                         struct fence_standing *out) {
    AUTO(strings_clear) struct strings addresses = { 0 };
    aftermath_planned_nodes(plan, &addresses);
    struct fleet_node *nodes = xcalloc(addresses.count + 1, sizeof *nodes);
    out->value = fence_value(run);
    for (size_t i = 0; i < addresses.count; i++) {
        nodes[i].address = addresses.items[i];
        LIST_ADD(&out->nodes)->address = xstrdup(addresses.items[i]);
    }
    const struct fleet fleet = { .username = source->username,
                                 .password = password,
                                 .tls = tls,
                                 .timeout_ms = source->timeout_ms,
                                 .ask = ask,
                                 .answer = answer,
                                 .context = out };
    fleet_ask(&fleet, nodes, addresses.count);
    for (size_t i = 0; i < addresses.count; i++)
        if (nodes[i].problem.code != ERROR_NONE)
            out->nodes.items[i].problem = xstrdup(nodes[i].problem.message);
    fleet_nodes_clear(nodes, addresses.count);
    free(nodes);
}

static bool is_missing(const struct fence_standing_node *node) {
    return !node->problem && !node->stands;
}

bool fence_standing_is_missing(const struct fence_standing *standing) {
    for (size_t i = 0; i < standing->nodes.count; i++)
        if (is_missing(&standing->nodes.items[i]))
            return true;
    return false;
}

static void say_node(const struct fence_standing *standing, const struct fence_standing_node *node,
                     int width, struct text *page) {
    if (node->problem) {
        text_addf(page, "  %-*s unknown on %s: %s\n", width, "fence", node->address, node->problem);
        return;
    }
    text_addf(page,
              "  %-*s MISSING on %s, which accepts writes that the target does not get: "
              "min-replicas-to-write is %s, min-replicas-max-lag %s\n",
              width, "fence", node->address, node->write, node->lag ? node->lag : "unknown");
    text_addf(page, "  %-*s set it again: CONFIG SET min-replicas-to-write %s", width, "",
              standing->value);
    if (node->lag && strcmp(node->lag, "0") == 0)
        text_add(page, ", CONFIG SET min-replicas-max-lag 10");
    text_add(page, "\n");
}

void fence_standing_say(const struct fence_standing *standing, int width, struct text *page) {
    size_t stands = 0;
    for (size_t i = 0; i < standing->nodes.count; i++)
        stands += standing->nodes.items[i].stands;
    if (stands && stands == standing->nodes.count)
        text_addf(page, "  %-*s stands: every source node refuses writes\n", width, "fence");
    for (size_t i = 0; i < standing->nodes.count; i++)
        if (!standing->nodes.items[i].stands)
            say_node(standing, &standing->nodes.items[i], width, page);
    if (fence_standing_is_missing(standing))
        text_addf(page,
                  "  %-*s unless you lifted it: an operator, a configuration tool or a restart "
                  "without the file did\n",
                  width, "");
}

struct json *fence_standing_json(const struct fence_standing *standing) {
    struct json *nodes = json_new_array();
    for (size_t i = 0; i < standing->nodes.count; i++) {
        const struct fence_standing_node *node = &standing->nodes.items[i];
        struct json *entry = json_new_object();
        json_put_string(entry, "node", node->address);
        json_put_bool(entry, "stands", node->stands);
        json_put_string(entry, "min_replicas_to_write", node->write);
        json_put_string(entry, "min_replicas_max_lag", node->lag);
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
        free(standing->nodes.items[i].write);
        free(standing->nodes.items[i].lag);
        free(standing->nodes.items[i].problem);
    }
    free(standing->nodes.items);
    free(standing->value);
    *standing = (struct fence_standing){ 0 };
}
