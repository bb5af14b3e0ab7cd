#include "executor/site/endpoint_proof.h"

#include <stdlib.h>
#include <string.h>

#include "executor/moment.h"
#include "providers/redis/cluster.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define CLIENT_NAME "ecmig-endpoint"

static void endpoint_server_clear(struct endpoint_server *server) {
    free(server->address);
    free(server->run_id);
    free(server->replid);
}

void endpoint_proof_clear(struct endpoint_proof *proof) {
    if (!proof)
        return;
    free(proof->address);
    free(proof->reader);
    free(proof->address_before);
    free(proof->reader_before);
    free(proof->reader_problem);
    strings_clear(&proof->numbers);
    LIST_CLEAR(&proof->servers, endpoint_server_clear);
    *proof = (struct endpoint_proof){ 0 };
}

static const struct json *recorded(const struct site *site) {
    return site->journal ? endpoint_recorded(journal_state(site->journal)) : NULL;
}

/* By this run's record, else by the plan, else by what this process saw; the caller frees. */
static char *known_before(const struct site *site, const char *name, const char *fact,
                          const char *copy) {
    const struct json *last = recorded(site);
    const struct json *facts = site->plan ? site->plan->core.observed.facts : NULL;
    const char *known = json_find_string(last, name);
    if (!known && facts)
        known = json_find_string(facts, fact);
    return xstrdup(known ? known : copy);
}

/* A name that was proven before keeps the one that it took the place of. */
static void settle_before(const char *now, const char *earlier, char **before) {
    if (*before && string_same(now, *before))
        string_replace(before, earlier && !string_same(now, earlier) ? earlier : NULL);
}

static void add_replid(const struct json *server, struct strings *out) {
    const struct json *nested = json_find(server, "target");
    const char *replid = json_find_string(nested ? nested : server, "replid");
    if (replid && !strings_has(out, replid))
        strings_add(out, replid);
}

/* Histories that a primary of the target may continue. */
static void known_histories(const struct site *site, struct strings *out) {
    const struct journal_state *state = site->journal ? journal_state(site->journal) : NULL;
    const struct json *confirmed = state ? state->marks[JOURNAL_MARK_CONFIRMED].last : NULL;
    const struct json *shards = confirmed ? json_find(confirmed, "shards") : NULL;
    const struct json *last = recorded(site);
    const struct json *servers = last ? json_find(last, "servers") : NULL;
    for (size_t i = 0; i < json_count(shards); i++)
        add_replid(json_at(shards, i), out);
    for (size_t i = 0; i < json_count(servers); i++)
        add_replid(json_at(servers, i), out);
}

struct look {
    struct site *site;
    struct replication_group group;
    struct strings histories;
    struct strings member_run_ids; /* asked for when a history is not known */
    bool members_asked;
    struct endpoint_proof proof;
};

static void look_clear(struct look *look) {
    replication_group_clear(&look->group);
    strings_clear(&look->histories);
    strings_clear(&look->member_run_ids);
    endpoint_proof_clear(&look->proof);
}
AUTO_VALUE(struct look, look_clear)

/* INFO of a server on a connection of its own. */
static bool ask(struct site *site, const char *address, struct redis_connection **connection,
                struct server_info *server, struct error *err) {
    AUTO(strings_clear) struct strings addresses = { 0 };
    AUTO(many_clear) struct many dialed = { 0 };
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    strings_add(&addresses, address);
    bool fine = site_dial(site, &addresses, CLIENT_NAME, false, &dialed, err);
    *connection = dialed.count ? dialed.items[0] : NULL;
    if (!fine || !redis_call(*connection, REDIS_NOW, &reply, err, "INFO", NULL))
        return false;
    server_info_read(reply, server);
    return server->role ||
           error_set(err, ERROR_FAILED, "INFO of '%s' has no role", redis_name(*connection));
}

/* All nodes that the service names, at once: one that is dead holds up nobody. */
static void ask_members(struct look *look) {
    AUTO(strings_clear) struct strings addresses = { 0 };
    AUTO(many_clear) struct many dialed = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    for (size_t s = 0; s < look->group.shards.count; s++)
        for (size_t n = 0; n < look->group.shards.items[s].nodes.count; n++) {
            AUTO(string_free)
            char *address =
                site_endpoint_text(&look->group.shards.items[s].nodes.items[n].endpoint);
            if (address)
                strings_add(&addresses, address);
        }
    if (!site_dial(look->site, &addresses, CLIENT_NAME, false, &dialed, &ignored))
        error_clear(&ignored);
    for (size_t i = 0; i < dialed.count; i++) {
        AUTO(redis_close) struct redis_connection *connection = dialed.items[i];
        AUTO(server_info_clear) struct server_info server = { 0 };
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!connection || !redis_call(connection, REDIS_NOW, &reply, &ignored, "INFO", NULL))
            continue;
        server_info_read(reply, &server);
        if (server.run_id)
            strings_add(&look->member_run_ids, server.run_id);
    }
}

static bool is_member(struct look *look, const struct server_info *server) {
    if (!look->members_asked)
        ask_members(look);
    look->members_asked = true;
    return server->run_id && strings_has(&look->member_run_ids, server->run_id);
}

static bool is_known(const struct look *look, const char *replid) {
    return replid && strings_has(&look->histories, replid);
}

/* A server that answered in the place of a primary. */
static bool judge(struct look *look, const char *address, const struct server_info *server,
                  struct error *err) {
    bool by_replid = is_known(look, server->replid) || is_known(look, server->replid2);
    if (server->is_replica)
        return error_set(err, ERROR_FAILED, "a replica answers at '%s' (role:%s, of %s)", address,
                         server->role, server->follows ? server->follows : "nobody");
    if (!server->is_primary)
        return error_set(err, ERROR_FAILED, "what answers at '%s' is not a primary (role:%s)",
                         address, server->role);
    if (!by_replid && !is_member(look, server))
        return error_set(err, ERROR_FAILED,
                         "another server answers at '%s': run id %s, replid %s; it does not "
                         "continue the history of a server that was promoted, and is not a node "
                         "of group '%s'",
                         address, server->run_id ? server->run_id : "unknown",
                         server->replid ? server->replid : "unknown", look->group.id);
    *LIST_ADD(&look->proof.servers) = (struct endpoint_server){ .address = xstrdup(address),
                                                                .run_id = xstrdup(server->run_id),
                                                                .replid = xstrdup(server->replid),
                                                                .by_run_id = !by_replid };
    return true;
}

static bool prove_primary_at(struct look *look, const char *address, struct error *err) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    AUTO(server_info_clear) struct server_info server = { 0 };
    return ask(look->site, address, &connection, &server, err) &&
           judge(look, address, &server, err);
}

/* Clients of a cluster dial what CLUSTER SLOTS names, by its host name where it has one. */
static char *member_address(const struct cluster_member *member) {
    char host[256];
    uint16_t port;
    if (!member->address || !member->host_name ||
        !redis_address_parse(member->address, host, &port))
        return xstrdup(member->address);
    return redis_address_text(member->host_name, port);
}

static bool prove_members(struct look *look, const struct cluster_view *view, struct error *err) {
    struct slots served = { 0 };
    size_t primaries_count = 0;
    for (size_t i = 0; i < view->count; i++) {
        const struct cluster_member *member = &view->items[i];
        AUTO(string_free) char *address = member_address(member);
        if (!(member->flags & CLUSTER_PRIMARY))
            continue;
        if (!address)
            return error_set(err, ERROR_FAILED, "it names a primary without an address");
        if (!prove_primary_at(look, address, err))
            return false;
        slots_add_all(&served, &member->slots);
        primaries_count++;
    }
    if (slots_count(&served) != SLOT_COUNT)
        return error_set(err, ERROR_FAILED, "it names servers for %d of %d slots",
                         slots_count(&served), SLOT_COUNT);
    return primaries_count == look->group.shards.count ||
           error_set(err, ERROR_FAILED, "it names %zu primaries, and the group has %zu shards",
                     primaries_count, look->group.shards.count);
}

/* The configuration endpoint may be any of the group's nodes: its members count, not its role. */
static bool prove_cluster(struct look *look, struct error *err) {
    const char *address = look->proof.address;
    AUTO(redis_close) struct redis_connection *connection = NULL;
    AUTO(server_info_clear) struct server_info server = { 0 };
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(cluster_view_clear) struct cluster_view view = { 0 };
    if (!ask(look->site, address, &connection, &server, err))
        return false;
    return (redis_call(connection, REDIS_NOW, &reply, err, "CLUSTER", "SLOTS", NULL) &&
            cluster_slots_read(reply, redis_host(connection), &view, err) &&
            prove_members(look, &view, err)) ||
           error_wrap(err, "CLUSTER SLOTS of '%s'", address);
}

static void resolve(const char *address, struct strings *out) {
    char host[256];
    uint16_t port;
    if (redis_address_parse(address, host, &port))
        redis_address_resolve(host, port, out);
}

/* Reads are worth less than writes: what fails here is told, and stops nothing. */
static void look_at_reader(struct look *look) {
    AUTO(redis_close) struct redis_connection *connection = NULL;
    AUTO(server_info_clear) struct server_info server = { 0 };
    AUTO(error_clear) struct error problem = { 0 };
    if (look->proof.reader && !ask(look->site, look->proof.reader, &connection, &server, &problem))
        look->proof.reader_problem = xstrdup(problem.message);
}

static bool name_endpoints(struct look *look, struct error *err) {
    const struct replication_group *group = &look->group;
    const struct service_shard *shard = group->shards.count == 1 ? &group->shards.items[0] : NULL;
    if (group->cluster_enabled) {
        look->proof.address = site_endpoint_text(&group->configuration);
    } else if (shard) {
        look->proof.address = site_endpoint_text(&shard->primary);
        look->proof.reader = site_endpoint_text(&shard->reader);
    }
    return look->proof.address ||
           error_set(err, ERROR_FAILED, "group '%s' has no %s endpoint (status %s)", group->id,
                     group->cluster_enabled ? "configuration" : "primary",
                     group->status ? group->status : "unknown");
}

/* Nodes are promoted before the service has finished, and it renames until it has. */
static bool is_finished(const struct replication_group *group) {
    return group->status &&
           (strcmp(group->status, "available") == 0 || strcmp(group->status, "snapshotting") == 0);
}

/* *unfinished: the only reason is that the service has not finished with the group. */
static bool look_once(struct site *site, bool *unfinished, struct endpoint_proof *out,
                      struct error *err) {
    AUTO(look_clear) struct look look = { .site = site };
    known_histories(site, &look.histories);
    if (!site_describe_target(site, &look.group, err))
        return false;
    *unfinished = !is_finished(&look.group);
    if (*unfinished)
        return error_set(err, ERROR_FAILED,
                         "group '%s' is %s: its endpoints may get other names until it is "
                         "available",
                         look.group.id, look.group.status ? look.group.status : "of no status");
    if (!name_endpoints(&look, err))
        return false;
    resolve(look.proof.address, &look.proof.numbers);
    if (!(look.group.cluster_enabled ? prove_cluster(&look, err)
                                     : prove_primary_at(&look, look.proof.address, err)))
        return false;
    look_at_reader(&look);
    site->target_is_cluster = look.group.cluster_enabled;
    look.proof.proved_at_ms = clock_wall_ms();
    *out = MOVE(look.proof);
    return true;
}

static bool wait_for_proof(struct site *site, const struct endpoint_patience *patience,
                           struct endpoint_proof *proof, struct error *err) {
    int64_t finished_mono_ms = clock_mono_ms() + moment_span_ms(ENDPOINT_SETTLES_MS);
    int64_t working_mono_ms = 0; /* when the names must work; 0: the service has not finished */
    for (;;) {
        AUTO(error_clear) struct error failure = { 0 }, stop = { 0 };
        bool unfinished = false;
        if (look_once(site, &unfinished, proof, &failure))
            return true;
        int64_t now_mono_ms = clock_mono_ms();
        if (unfinished)
            working_mono_ms = 0;
        else if (!working_mono_ms)
            working_mono_ms = now_mono_ms + moment_span_ms(patience->for_ms);
        int64_t left_ms = (unfinished ? finished_mono_ms : working_mono_ms) - now_mono_ms;
        bool ends = !patience->for_ms || left_ms <= 0;
        if (!ends && patience->wait(patience->context, failure.message, left_ms, &stop))
            continue;
        error_move(err, ends ? &failure : &stop);
        if (ends)
            err->code = ERROR_FAILED;
        return false;
    }
}

static void use(struct site *site, const struct endpoint_proof *proof) {
    site_forget_target(site);
    string_replace(&site->target_address, proof->address);
    string_replace(&site->target_reader, proof->reader);
}

bool endpoint_prove(struct site *site, const struct endpoint_patience *patience,
                    struct endpoint_proof *out, struct error *err) {
    AUTO(endpoint_proof_clear) struct endpoint_proof proof = { 0 };
    const char *fact = site->target_is_cluster ? "target.configuration" : "target.primary";
    AUTO(string_free)
    char *address_before = known_before(site, "address", fact, site->target_address);
    AUTO(string_free)
    char *reader_before = known_before(site, "reader", "target.reader", site->target_reader);
    if (!wait_for_proof(site, patience, &proof, err))
        return false;
    const struct json *last = recorded(site);
    settle_before(proof.address, json_find_string(last, "address_before"), &address_before);
    settle_before(proof.reader, json_find_string(last, "reader_before"), &reader_before);
    proof.address_before = TAKE(address_before);
    proof.reader_before = TAKE(reader_before);
    use(site, &proof);
    endpoint_proof_clear(out);
    *out = MOVE(proof);
    moment("after the endpoint is proven");
    return true;
}
