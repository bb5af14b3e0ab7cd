#include "providers/observe/seeds.h"

#include <stdlib.h>
#include <string.h>

#include "providers/redis/fleet.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

#define SENTINEL_CEILING_COUNT 64

struct seeds {
    struct fleet_node *nodes;
    struct cluster_view *views;
    size_t count;
};

static void seeds_clear(struct seeds *seeds) {
    fleet_nodes_clear(seeds->nodes, seeds->count);
    for (size_t i = 0; i < seeds->count; i++)
        cluster_view_clear(&seeds->views[i]);
    free(seeds->nodes);
    free(seeds->views);
}
AUTO_VALUE(struct seeds, seeds_clear)

/* NODES is there in every version; the others are for users that may not run it. */
static void ask_view(void *context, size_t index, struct redis_connection *connection) {
    (void)context;
    (void)index;
    redis_queue_words(connection, "CLUSTER", "NODES", NULL);
    redis_queue_words(connection, "CLUSTER", "SHARDS", NULL);
    redis_queue_words(connection, "CLUSTER", "SLOTS", NULL);
}

static bool refused(const struct redis_connection *connection, const struct redis_reply *fault,
                    struct error *err) {
    AUTO(string_free) char *code = xstrndup(fault->bytes, strcspn(fault->bytes, " "));
    error_set(err, ERROR_REFUSED, "%s refused 'CLUSTER NODES': %s", redis_name(connection),
              fault->bytes);
    return error_remote(err, code);
}

static bool read_view(void *context, size_t index, struct redis_connection *connection,
                      struct error *err) {
    struct seeds *seeds = context;
    const char *host = redis_host(connection);
    struct cluster_view *view = &seeds->views[index];
    AUTO(redis_reply_free) struct redis_reply *nodes = NULL, *shards = NULL, *slots = NULL;
    if (!redis_take(connection, &nodes, err) || !redis_take(connection, &shards, err) ||
        !redis_take(connection, &slots, err))
        return false;
    if (nodes->type == REDIS_STRING)
        return cluster_nodes_read(nodes->bytes, nodes->length, host, view, err);
    if (shards->type == REDIS_ARRAY)
        return cluster_shards_read(shards, host, view, err);
    if (slots->type == REDIS_ARRAY)
        return cluster_slots_read(slots, host, view, err);
    return nodes->type == REDIS_FAULT
               ? refused(connection, nodes, err)
               : error_set(err, ERROR_FORMAT, "%s answers no question about its cluster",
                           redis_name(connection));
}

static bool all_in_vain(const struct seeds *seeds, struct error *err) {
    const struct error *first = &seeds->nodes[0].problem;
    AUTO(text_clear) struct text problems = { 0 };
    for (size_t i = 0; i < seeds->count; i++)
        text_addf(&problems, "%s%s", i ? "; " : "", seeds->nodes[i].problem.message);
    error_set(err, first->code, "%s%s",
              seeds->count > 1 ? "no seed of the cluster is of use: " : "", text_string(&problems));
    if (first->hint)
        error_hint(err, "%s", first->hint);
    return error_remote(err, first->remote_code);
}

bool seeds_view(const struct seed_question *question, struct cluster_view *out, const char **seed,
                struct error *err) {
    const struct strings *addresses = &question->source->nodes;
    AUTO(seeds_clear) struct seeds seeds = { .count = addresses->count };
    seeds.nodes = xcalloc(seeds.count, sizeof *seeds.nodes);
    seeds.views = xcalloc(seeds.count, sizeof *seeds.views);
    for (size_t i = 0; i < seeds.count; i++)
        seeds.nodes[i].address = addresses->items[i];
    const struct fleet fleet = { .username = question->source->username,
                                 .password = question->password,
                                 .timeout_ms = question->timeout_ms,
                                 .ask = ask_view,
                                 .answer = read_view,
                                 .context = &seeds };
    fleet_ask(&fleet, seeds.nodes, seeds.count);
    for (size_t i = 0; i < seeds.count; i++) {
        if (seeds.nodes[i].problem.code != ERROR_NONE)
            continue;
        cluster_view_clear(out);
        *out = seeds.views[i];
        seeds.views[i] = (struct cluster_view){ 0 };
        *seed = addresses->items[i];
        return true;
    }
    return all_in_vain(&seeds, err);
}

struct round {
    const char *name; /* of the primary */
    struct sentinel_view *views;
};

static void ask_sentinel(void *context, size_t index, struct redis_connection *connection) {
    const struct round *round = context;
    (void)index;
    sentinel_queue(connection, round->name);
}

static bool read_sentinel(void *context, size_t index, struct redis_connection *connection,
                          struct error *err) {
    const struct round *round = context;
    return sentinel_take(connection, round->name, &round->views[index], err);
}

static void keep(struct sentinels *out, const char *address, struct sentinel_view *view) {
    *LIST_ADD(&out->views) = *view;
    *view = (struct sentinel_view){ 0 };
    strings_add(&out->answered, address);
}

static bool wants_password(const struct seed_question *question, const struct error *problem) {
    return question->password && error_is_remote(problem, "NOAUTH");
}

/* Those of the list; without a password first, for that of the primary is not the Sentinels'. */
static void ask_list(const struct seed_question *question, const struct strings *list,
                     const struct secret *password, struct sentinels *out) {
    if (!list->count)
        return;
    AUTO(strings_clear) struct strings again = { 0 };
    struct round round = { question->source->sentinel_master,
                           xcalloc(list->count, sizeof *round.views) };
    struct fleet_node *nodes = xcalloc(list->count, sizeof *nodes);
    for (size_t i = 0; i < list->count; i++)
        nodes[i].address = list->items[i];
    const struct fleet fleet = { .username = question->source->username,
                                 .password = password,
                                 .timeout_ms = question->timeout_ms,
                                 .ask = ask_sentinel,
                                 .answer = read_sentinel,
                                 .context = &round };
    fleet_ask(&fleet, nodes, list->count);
    for (size_t i = 0; i < list->count; i++) {
        const struct error *problem = &nodes[i].problem;
        if (problem->code == ERROR_NONE)
            keep(out, list->items[i], &round.views[i]);
        else if (!password && wants_password(question, problem))
            strings_add(&again, list->items[i]);
        else
            strings_addf(&out->problems, "%s: %s", list->items[i], problem->message);
    }
    fleet_nodes_clear(nodes, list->count);
    free(nodes);
    free(round.views);
    ask_list(question, &again, question->password, out);
}

void sentinels_ask(const struct seed_question *question, struct sentinels *out) {
    AUTO(strings_clear) struct strings known = { 0 }, more = { 0 };
    strings_copy(&known, &question->source->nodes);
    ask_list(question, &known, NULL, out);
    for (size_t i = 0; i < out->views.count; i++)
        for (size_t k = 0; k < out->views.items[i].others.count; k++) {
            const char *address = out->views.items[i].others.items[k];
            if (strings_has(&known, address) || known.count >= SENTINEL_CEILING_COUNT)
                continue;
            strings_add(&known, address);
            strings_add(&more, address);
        }
    ask_list(question, &more, NULL, out);
    strings_sort(&out->problems);
    out->known_count = known.count;
}

void sentinels_clear(struct sentinels *sentinels) {
    if (!sentinels)
        return;
    for (size_t i = 0; i < sentinels->views.count; i++)
        sentinel_view_clear(&sentinels->views.items[i]);
    free(sentinels->views.items);
    strings_clear(&sentinels->answered);
    strings_clear(&sentinels->problems);
    *sentinels = (struct sentinels){ 0 };
}

bool sentinels_agree(const struct sentinels *sentinels, const struct strings *not_these,
                     struct topology *out, struct error *err) {
    if (sentinels->answered.count * 2 <= sentinels->known_count) {
        AUTO(string_free) char *problems = strings_join(&sentinels->problems, "; ");
        error_set(err, ERROR_UNREACHABLE, "%zu of %zu Sentinels answered: %s",
                  sentinels->answered.count, sentinels->known_count, problems);
        return error_hint(err, "more than half of them must, so that none speaks for a part that "
                               "is cut off");
    }
    return topology_of_sentinels(sentinels->views.items, sentinels->views.count, not_these, out,
                                 err);
}
