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
    bool by_lists; /* SHARDS and SLOTS: for users that may not run NODES, which every version has */
};

static void seeds_clear(struct seeds *seeds) {
    fleet_nodes_clear(seeds->nodes, seeds->count);
    for (size_t i = 0; i < seeds->count; i++)
        cluster_view_clear(&seeds->views[i]);
    free(seeds->nodes);
    free(seeds->views);
}
AUTO_VALUE(struct seeds, seeds_clear)

static void ask_view(void *context, size_t index, struct redis_connection *connection) {
    const struct seeds *seeds = context;
    (void)index;
    if (seeds->by_lists) {
        redis_queue_words(connection, "CLUSTER", "SHARDS", NULL);
        redis_queue_words(connection, "CLUSTER", "SLOTS", NULL);
    } else {
        redis_queue_words(connection, "CLUSTER", "NODES", NULL);
    }
}

static bool refused(const struct redis_connection *connection, const char *question,
                    const struct redis_reply *reply, struct error *err) {
    if (reply->type != REDIS_FAULT)
        return error_set(err, ERROR_FORMAT, "%s answers '%s' with an unexpected type",
                         redis_name(connection), question);
    AUTO(string_free) char *code = xstrndup(reply->bytes, strcspn(reply->bytes, " "));
    error_set(err, ERROR_REFUSED, "%s refused '%s': %s", redis_name(connection), question,
              reply->bytes);
    return error_remote(err, code);
}

static bool read_lists(struct redis_connection *connection, struct cluster_view *view,
                       struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *shards = NULL, *slots = NULL;
    if (!redis_take(connection, &shards, err) || !redis_take(connection, &slots, err))
        return false;
    if (shards->type == REDIS_ARRAY)
        return cluster_shards_read(shards, redis_host(connection), view, err);
    return slots->type == REDIS_ARRAY ? cluster_slots_read(slots, redis_host(connection), view, err)
                                      : refused(connection, "CLUSTER SLOTS", slots, err);
}

static bool read_view(void *context, size_t index, struct redis_connection *connection,
                      struct error *err) {
    struct seeds *seeds = context;
    struct cluster_view *view = &seeds->views[index];
    AUTO(redis_reply_free) struct redis_reply *nodes = NULL;
    if (seeds->by_lists)
        return read_lists(connection, view, err);
    if (!redis_take(connection, &nodes, err))
        return false;
    return nodes->type == REDIS_STRING
               ? cluster_nodes_read(nodes->bytes, nodes->length, redis_host(connection), view, err)
               : refused(connection, "CLUSTER NODES", nodes, err);
}

static bool all_in_vain(const struct seeds *seeds, struct error *err) {
    const struct error *first = &seeds->nodes[0].problem;
    AUTO(text_clear) struct text problems = { 0 };
    for (size_t i = 0; i < seeds->count; i++)
        text_addf(&problems, "%s%s", i ? "; " : "", seeds->nodes[i].problem.message);
    error_set(err, first->code, "%s%s",
              seeds->count > 1 ? "no seed of the cluster can be used: " : "",
              text_string(&problems));
    if (first->hint)
        error_hint(err, "%s", first->hint);
    return error_remote(err, first->remote_code);
}

static void ask_all(const struct seed_question *question, struct seeds *seeds) {
    const struct fleet fleet = { .username = question->source->username,
                                 .password = question->password,
                                 .tls = question->tls,
                                 .timeout_ms = question->timeout_ms,
                                 .ask = ask_view,
                                 .answer = read_view,
                                 .context = seeds };
    fleet_nodes_clear(seeds->nodes, seeds->count);
    fleet_ask(&fleet, seeds->nodes, seeds->count);
}

/* The first that has a view; their count when none has. */
static size_t first_of_use(const struct seeds *seeds) {
    size_t found = 0;
    while (found < seeds->count && seeds->nodes[found].problem.code != ERROR_NONE)
        found++;
    return found;
}

static bool may_not_ask(const struct seeds *seeds) {
    for (size_t i = 0; i < seeds->count; i++)
        if (error_is_remote(&seeds->nodes[i].problem, "NOPERM"))
            return true;
    return false;
}

bool seeds_view(const struct seed_question *question, struct cluster_view *out, const char **seed,
                struct error *err) {
    const struct strings *addresses = &question->source->nodes;
    AUTO(seeds_clear) struct seeds seeds = { .count = addresses->count };
    seeds.nodes = xcalloc(seeds.count, sizeof *seeds.nodes);
    seeds.views = xcalloc(seeds.count, sizeof *seeds.views);
    for (size_t i = 0; i < seeds.count; i++)
        seeds.nodes[i].address = addresses->items[i];
    ask_all(question, &seeds);
    size_t found = first_of_use(&seeds);
    if (found == seeds.count && may_not_ask(&seeds)) {
        seeds.by_lists = true;
        ask_all(question, &seeds);
        found = first_of_use(&seeds);
    }
    if (found == seeds.count)
        return all_in_vain(&seeds, err);
    cluster_view_clear(out);
    *out = MOVE(seeds.views[found]);
    *seed = addresses->items[found];
    return true;
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
    *LIST_ADD(&out->views) = MOVE(*view);
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
                                 .tls = question->tls,
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
    LIST_CLEAR(&sentinels->views, sentinel_view_clear);
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
        return error_hint(
            err,
            "more than half of them must answer, so that an isolated minority does not decide");
    }
    return topology_of_sentinels(sentinels->views.items, sentinels->views.count, not_these, out,
                                 err);
}
