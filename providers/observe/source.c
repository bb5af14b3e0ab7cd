#include <stdlib.h>
#include <string.h>

#include "providers/observe/agreement.h"
#include "providers/observe/node.h"
#include "providers/observe/observe.h"
#include "providers/observe/same_server.h"
#include "providers/observe/seeds.h"
#include "providers/observe/servers.h"
#include "providers/observe/service_address.h"
#include "providers/observe/tls_port.h"
#include "providers/redis/fleet.h"
#include "schemas/base/memory.h"

struct observing {
    const struct observe_source_options *options;
    struct observed_source *source;
    size_t first;                /* of the nodes that are being asked */
    struct agreement *agreement; /* NULL without cluster mode */
};

static void fail(struct observed_node *node, const struct error *err) {
    node->reachable = false;
    string_replace(&node->problem, err->message);
    string_replace(&node->problem_code,
                   err->remote_code ? err->remote_code : error_name(err->code));
}

static void ask(void *context, size_t index, struct redis_connection *connection) {
    const struct observing *observing = context;
    (void)index;
    node_queue(connection);
    if (observing->agreement)
        agreement_queue(connection);
}

static bool answer(void *context, size_t index, struct redis_connection *connection,
                   struct error *err) {
    const struct observing *observing = context;
    struct observed_node *node = &observing->source->nodes.items[observing->first + index];
    return node_take(connection, node, err) &&
           (!observing->agreement ||
            agreement_take(observing->agreement, index, node, connection, err));
}

/* The target's own nodes are replicas of the source while it migrates. */
static void leave_out_target(const struct observed_target *target, struct observed_node *node) {
    size_t kept = 0;
    for (size_t i = 0; i < node->replicas.count; i++) {
        char *replica = node->replicas.items[i];
        if (target && strings_has(&target->node_addresses, replica)) {
            free(replica);
            node->target_lines++;
        } else
            node->replicas.items[kept++] = replica;
    }
    node->replicas.count = kept;
}

/* All of them from `first` on, at once. */
static void ask_nodes(struct observing *observing) {
    struct observed_source *source = observing->source;
    const struct observe_source_options *options = observing->options;
    size_t count = source->nodes.count - observing->first;
    if (!count)
        return;
    struct fleet_node *nodes = xcalloc(count, sizeof *nodes);
    for (size_t i = 0; i < count; i++)
        nodes[i].address = source->nodes.items[observing->first + i].address;
    const struct fleet fleet = { .username = options->config->source.username,
                                 .password = options->password,
                                 .tls = options->tls,
                                 .timeout_ms = options->config->source.timeout_ms,
                                 .without_password = true,
                                 .ask = ask,
                                 .answer = answer,
                                 .context = observing };
    fleet_ask(&fleet, nodes, count);
    for (size_t i = 0; i < count; i++) {
        struct observed_node *node = &source->nodes.items[observing->first + i];
        node->reachable = nodes[i].problem.code == ERROR_NONE;
        if (node->reachable) {
            /* The service's nodes come without a password: would they be let in? */
            node->password_required = options->password && !nodes[i].lets_anybody_in;
            node->replication_refused = nodes[i].lets_nobody_follow;
            if (options->tls)
                node->service_address =
                    service_address_of(node->address, pairs_find(&node->settings, "port"));
        } else {
            node->password_required = nodes[i].problem.code == ERROR_REFUSED;
            fail(node, &nodes[i].problem);
        }
        leave_out_target(options->target, node);
        tls_port_addresses(&options->config->source, &node->replicas);
    }
    fleet_nodes_clear(nodes, count);
    free(nodes);
    observing->first = source->nodes.count;
}

static struct observed_node *add_node(struct observed_source *source, const char *address,
                                      const char *known_from) {
    struct observed_node *node = LIST_ADD(&source->nodes);
    node->address = xstrdup(address);
    node->known_from = xstrdup(known_from);
    node->highest_database = -1;
    return node;
}

static void ask_more(void *context) {
    ask_nodes(context);
}

/* Each one that was found is one server, and none of them the target's. */
static void settle(struct observing *observing) {
    const struct observed_target *target = observing->options->target;
    const struct servers servers = { observing->source, ask_more, observing };
    observing->agreement = NULL;
    servers_settle(&servers);
    if (target)
        servers_leave_out_target(observing->source, target);
}

static bool has_node(const struct observed_source *source, const char *address) {
    for (size_t i = 0; i < source->nodes.count; i++)
        if (strcmp(source->nodes.items[i].address, address) == 0)
            return true;
    return false;
}

static void add_shards(const struct topology *topology, struct observed_source *source) {
    for (size_t i = 0; i < topology->count; i++) {
        const struct topology_shard *from = &topology->items[i];
        struct observed_shard *shard = LIST_ADD(&source->shards);
        bool cluster = source->topology == TOPOLOGY_CLUSTER;
        shard->slots = cluster ? slots_text(&from->slots) : NULL;
        shard->primary = xstrdup(from->primary);
        strings_copy(&shard->replicas, &from->replicas);
    }
}

/* The primary first; then it is known who follows it. `more` may be NULL. */
static void observe_one(struct observing *observing, const char *primary,
                        const struct strings *more) {
    struct observed_source *source = observing->source;
    add_node(source, primary, more ? "Sentinel" : "source.nodes of the migration file");
    ask_nodes(observing);
    if (source->nodes.items[0].reachable)
        observe_same_server(observing->options, &source->nodes.items[0]);
    struct observed_shard *shard = LIST_ADD(&source->shards);
    shard->primary = xstrdup(primary);
    for (size_t i = 0; more && i < more->count; i++)
        if (strcmp(more->items[i], primary) != 0 && !has_node(source, more->items[i])) {
            strings_add(&shard->replicas, more->items[i]);
            add_node(source, more->items[i], "Sentinel");
        }
    strings_sort(&shard->replicas);
    ask_nodes(observing);
    settle(observing);
}

static void problem(struct observed_agreement *agreement, const char *sentinel, const char *what) {
    strings_addf(&agreement->sentinel_problems, "%s: %s", sentinel, what);
}

static void add_once(const char *address, struct strings *out) {
    if (!strings_has(out, address))
        strings_add(out, address);
}

static void compare_sentinels(const struct sentinels *sentinels, const char *primary,
                              struct observed_agreement *out) {
    strings_copy(&out->sentinel_problems, &sentinels->problems);
    out->sentinels = (int64_t)sentinels->views.count;
    for (size_t i = 0; i < sentinels->views.count; i++) {
        const struct sentinel_view *view = &sentinels->views.items[i];
        const char *sentinel = sentinels->answered.items[i];
        add_once(sentinel, &out->known_sentinels);
        for (size_t k = 0; k < view->others.count; k++)
            add_once(view->others.items[k], &out->known_sentinels);
        if (view->quorum > out->quorum)
            out->quorum = view->quorum;
        if (strcmp(view->primary, primary) != 0)
            strings_addf(&out->sentinel_problems, "%s: calls %s the primary, others %s", sentinel,
                         view->primary, primary);
        if (view->failing_over)
            problem(out, sentinel, "a failover is under way");
        if (view->down)
            problem(out, sentinel, "calls the primary down");
        if (view->no_quorum)
            problem(out, sentinel, view->no_quorum);
    }
    strings_sort(&out->sentinel_problems);
    strings_sort(&out->known_sentinels);
}

/* The primary that most of them name; NULL when none has answered. */
static const char *named_by_most(const struct sentinels *sentinels) {
    const char *found = NULL;
    for (size_t i = 0, best = 0; i < sentinels->views.count; i++) {
        size_t count = 0;
        for (size_t k = 0; k < sentinels->views.count; k++)
            count +=
                strcmp(sentinels->views.items[k].primary, sentinels->views.items[i].primary) == 0;
        if (count > best) {
            best = count;
            found = sentinels->views.items[i].primary;
        }
    }
    return found;
}

static void add_unless_target(const struct observed_target *target, const struct strings *from,
                              struct strings *out) {
    for (size_t i = 0; i < from->count; i++)
        if (!strings_has(out, from->items[i]) &&
            (!target || !strings_has(&target->node_addresses, from->items[i])))
            strings_add(out, from->items[i]);
}

/* Seeds that did not answer stand for the servers that nobody named. */
static void add_failed_seeds(const struct observing *observing, const struct error *err) {
    const struct strings *seeds = &observing->options->config->source.nodes;
    for (size_t i = 0; i < seeds->count; i++) {
        struct observed_node *node =
            add_node(observing->source, seeds->items[i], "source.nodes of the migration file");
        node->password_required = err->code == ERROR_REFUSED;
        fail(node, err);
    }
}

static void observe_sentinels(struct observing *observing, const struct seed_question *question) {
    struct observed_source *source = observing->source;
    AUTO(sentinels_clear) struct sentinels sentinels = { 0 };
    sentinels_ask(question, &sentinels);
    const char *primary = named_by_most(&sentinels);
    if (!primary) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(string_free) char *problems = strings_join(&sentinels.problems, "; ");
        error_set(&err, ERROR_UNREACHABLE, "no Sentinel can be used: %s", problems);
        strings_copy(&source->agreement.sentinel_problems, &sentinels.problems);
        add_failed_seeds(observing, &err);
        return;
    }
    compare_sentinels(&sentinels, primary, &source->agreement);
    AUTO(strings_clear) struct strings replicas = { 0 };
    for (size_t i = 0; i < sentinels.views.count; i++)
        if (strcmp(sentinels.views.items[i].primary, primary) == 0) {
            const struct observed_target *target = observing->options->target;
            add_unless_target(target, &sentinels.views.items[i].replicas, &replicas);
            add_unless_target(target, &sentinels.views.items[i].lost, &replicas);
        }
    const struct config_source *config = &observing->options->config->source;
    AUTO(string_free) char *address = tls_port_address(config, primary);
    tls_port_addresses(config, &replicas);
    strings_sort(&replicas);
    observe_one(observing, address, &replicas);
}

/* Behind a translation of addresses the seed answers, and nobody where the cluster says it is. */
static void name_translation(struct observed_source *source, const struct cluster_view *view,
                             const char *seed) {
    for (size_t i = 0; i < view->count; i++) {
        const struct cluster_member *member = &view->items[i];
        if (!(member->flags & CLUSTER_MYSELF) || !member->address)
            continue;
        for (size_t k = 0; k < source->nodes.count; k++) {
            struct observed_node *node = &source->nodes.items[k];
            if (node->reachable || strcmp(node->address, member->address) != 0 ||
                strcmp(seed, member->address) == 0)
                continue;
            AUTO(string_free) char *why = node->problem;
            node->problem = xasprintf("seed '%s' answers, but not at the address that it "
                                      "announces: %s",
                                      seed, why);
        }
    }
}

static void set_ids(struct observed_source *source, const struct cluster_view *view,
                    const struct config_source *config) {
    for (size_t k = 0; k < view->count; k++) {
        if (!view->items[k].address)
            continue;
        AUTO(string_free) char *address = tls_port_address(config, view->items[k].address);
        for (size_t i = 0; i < source->nodes.count; i++)
            if (!source->nodes.items[i].node_id &&
                strcmp(address, source->nodes.items[i].address) == 0)
                source->nodes.items[i].node_id = xstrdup(view->items[k].id);
    }
}

/* By shard: its primary, then its replicas. */
static void add_members(const struct topology *topology, struct observed_source *source) {
    for (size_t i = 0; i < topology->count; i++) {
        const struct topology_shard *shard = &topology->items[i];
        add_node(source, shard->primary, "CLUSTER NODES");
        for (size_t k = 0; k < shard->replicas.count; k++)
            add_node(source, shard->replicas.items[k], "CLUSTER NODES");
    }
}

static void observe_cluster(struct observing *observing, const struct seed_question *question) {
    struct observed_source *source = observing->source;
    const struct strings *seeds = &observing->options->config->source.nodes;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    AUTO(topology_clear) struct topology topology = { 0 };
    const char *seed = NULL;
    if (seeds_view(question, &view, &seed, &err) && topology_of_view(&view, &topology, &err)) {
        tls_port_topology(question->source, &topology);
        add_shards(&topology, source);
        add_members(&topology, source);
        agreement_unserved(&topology, &source->agreement);
    } else {
        /* Are they there, and of cluster mode at all? */
        for (size_t i = 0; i < seeds->count; i++)
            if (!has_node(source, seeds->items[i]))
                add_node(source, seeds->items[i], "source.nodes of the migration file");
    }
    AUTO(agreement_clear) struct agreement agreement = { 0 };
    agreement_init(&agreement, source->nodes.count, &source->agreement);
    observing->agreement = &agreement;
    ask_nodes(observing);
    agreement_close(&agreement, source);
    settle(observing);
    if (!seed)
        return;
    set_ids(source, &view, question->source);
    name_translation(source, &view, seed);
}

void observe_source(const struct observe_source_options *options, struct observed_source *out) {
    struct observing observing = { .options = options, .source = out };
    const struct config_source *source = &options->config->source;
    const struct seed_question question = { source, options->password, options->tls,
                                            source->timeout_ms };
    out->topology = source->topology;
    switch (source->topology) {
    case TOPOLOGY_STANDALONE:
        observe_one(&observing, source->nodes.items[0], NULL);
        break;
    case TOPOLOGY_SENTINEL:
        observe_sentinels(&observing, &question);
        break;
    case TOPOLOGY_CLUSTER:
        observe_cluster(&observing, &question);
        break;
    }
}
