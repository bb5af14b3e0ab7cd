#include "executor/site/evictions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/site/baseline.h"
#include "executor/site/memory.h"
#include "providers/redis/server.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define RECORD "source_memory"
#define WATCH_EVERY_MS 1000

static const struct json *of_node(const struct json *record, const char *address) {
    const struct json *list = record ? json_find(record, RECORD) : NULL;
    for (size_t i = 0; i < json_count(list); i++)
        if (string_same(json_find_string(json_at(list, i), "node"), address))
            return json_at(list, i);
    return NULL;
}

/* Of a server that restarted all that it counts is new. */
static int64_t evicted_since(const struct json *before, const char *run_id, int64_t now) {
    bool same = before && string_same(json_find_string(before, "run_id"), run_id);
    int64_t evicted = now - (same ? json_find_int(before, "evicted_keys", 0) : 0);
    return evicted > 0 ? evicted : 0;
}

static const struct json *intent_of_start(const struct site *site) {
    const struct journal_state *state = journal_state(site->journal);
    for (size_t i = 0; i < site->plan->core.steps.count; i++) {
        const struct plan_step *step = &site->plan->core.steps.items[i];
        const struct journal_step *done = journal_step_find(state, step->key);
        if (done && step->kind == STEP_START_MIGRATION)
            return done->intent;
    }
    return NULL;
}

static bool ask(struct site *site, struct many *primaries, struct many_replies *replies) {
    AUTO(error_clear) struct error ignored = { 0 };
    if (!site_source(site, SITE_PRIMARIES, &ignored))
        return false;
    site_list(site, SITE_PRIMARIES, primaries);
    return many_call(primaries, site_deadline(site), replies, &ignored, "INFO", NULL);
}

void evictions_record(struct site *site, struct json *record) {
    AUTO(many_clear) struct many primaries = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    if (!ask(site, &primaries, &replies))
        return;
    struct json *list = json_new_array();
    for (size_t i = 0; i < replies.count; i++) {
        AUTO(server_info_clear) struct server_info server = { 0 };
        server_info_read(replies.items[i], &server);
        struct json *entry = json_new_object();
        json_put_string(entry, "node", redis_name(primaries.items[i]));
        json_put_string(entry, "run_id", server.run_id);
        json_put_int(entry, "evicted_keys", server.evicted_keys);
        json_append(list, entry);
    }
    json_put(record, RECORD, list);
}

static struct evictions_node *node_of(struct site *site, const char *address,
                                      const struct server_info *server) {
    struct evictions *all = site->evictions;
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->items[i].address, address) == 0 &&
            string_same(all->items[i].run_id, server->run_id))
            return &all->items[i];
    const struct json *first = of_node(intent_of_start(site), address);
    int64_t now = server->evicted_keys;
    struct evictions_node *node = LIST_ADD(all);
    *node =
        (struct evictions_node){ .address = xstrdup(address),
                                 .run_id = xstrdup(server->run_id),
                                 .before = first ? now - evicted_since(first, server->run_id, now)
                                                 : now };
    return node;
}

static void warn_of_evictions(const struct site *site, const char *step_id,
                              struct evictions_node *node, int64_t now) {
    int64_t evicted = now - node->before;
    if (evicted <= 0 || evicted < 2 * node->said)
        return;
    AUTO(string_free) char *count = units_count(evicted);
    node->said = evicted;
    events_warn(
        site->events, step_id,
        "'%s' evicted %s keys since the migration started: it has reached its maxmemory, part of "
        "which the migration uses; raise maxmemory there, or abort the migration: ecmig abort %s",
        node->address, count, site->config_file ? site->config_file : "FILE");
}

static void warn_of_room(const struct site *site, const char *step_id, struct evictions_node *node,
                         const struct redis_reply *reply) {
    AUTO(error_clear) struct error lack = { 0 };
    if (node->said_room || memory_has_room(site, node->address, reply, &lack))
        return;
    node->said_room = true;
    events_warn(
        site->events, step_id,
        "the source is running out of memory while the target replicates; what the migration still "
        "needs does not fit: %s; before the source evicts keys or refuses writes: %s",
        lack.message, lack.hint ? lack.hint : "");
}

void evictions_watch(struct site *site, const char *step_id) {
    AUTO(many_clear) struct many primaries = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    int64_t now_mono_ms = clock_mono_ms();
    if (!site->evictions)
        site->evictions = xcalloc(1, sizeof *site->evictions);
    else if (now_mono_ms - site->evictions->looked_mono_ms < WATCH_EVERY_MS)
        return;
    site->evictions->looked_mono_ms = now_mono_ms;
    if (!ask(site, &primaries, &replies))
        return;
    for (size_t i = 0; i < replies.count; i++) {
        AUTO(server_info_clear) struct server_info server = { 0 };
        server_info_read(replies.items[i], &server);
        struct evictions_node *node = node_of(site, redis_name(primaries.items[i]), &server);
        warn_of_room(site, step_id, node, replies.items[i]);
        warn_of_evictions(site, step_id, node, server.evicted_keys);
    }
}

/* The newest record of the run, which may be of an earlier process. */
static const struct json *last_record(const struct site *site) {
    const struct journal_state *state = journal_state(site->journal);
    const struct json *last = NULL;
    for (size_t i = 0; i < site->plan->core.steps.count; i++) {
        const struct journal_step *done =
            journal_step_find(state, site->plan->core.steps.items[i].key);
        if (done && done->outcome && json_find(done->outcome, RECORD))
            last = done->outcome;
    }
    return last;
}

void evictions_of_run(const struct site *site, struct strings *out) {
    const struct json *first = intent_of_start(site), *last = last_record(site);
    const struct json *list = last ? json_find(last, RECORD) : NULL;
    for (size_t i = 0; first && i < json_count(list); i++) {
        const struct json *now = json_at(list, i);
        const char *address = json_find_string(now, "node");
        const struct json *before = of_node(first, address ? address : "");
        int64_t evicted = evicted_since(before, json_find_string(now, "run_id"),
                                        json_find_int(now, "evicted_keys", 0));
        AUTO(string_free) char *count = units_count(evicted);
        if (evicted)
            strings_addf(out, "%s keys on %s", count, address);
    }
}
