#include "executor/site/followers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define POLL_MS 5

struct follower_shard {
    struct strings unknown; /* lines of nobody that is known by address */
    size_t named;           /* nodes of the target that have a line by their own address */
    struct replication seen;
    int64_t let_in; /* replicas, since the server started */
};

struct follower_list {
    struct follower_shard *items; /* in the order of site->shards */
    size_t count;
};

static void follower_shard_clear(struct follower_shard *shard) {
    strings_clear(&shard->unknown);
    replication_clear(&shard->seen);
}

static void list_clear(struct follower_list *list) {
    LIST_CLEAR(list, follower_shard_clear);
}
AUTO_VALUE(struct follower_list, list_clear)

/* A node of the source that no line was given to yet; each answers for one. */
static bool take_node(const struct site *site, size_t shard, const char *line, bool *taken) {
    for (size_t n = 0; n < site->nodes.count; n++) {
        if (site->nodes.items[n].shard != shard || site->nodes.items[n].is_primary || taken[n] ||
            !site_node_is(&site->nodes.items[n], line))
            continue;
        taken[n] = true;
        return true;
    }
    return false;
}

static void read_lines(const struct site *site, size_t shard, const struct server_info *server,
                       struct follower_shard *out) {
    const struct strings *lines = &server->replicas;
    bool *taken = xcalloc(site->nodes.count + 1, sizeof *taken);
    for (size_t i = 0; i < lines->count; i++) {
        if (site_is_target(site, lines->items[i]))
            out->named++;
        else if (!take_node(site, shard, lines->items[i], taken))
            strings_add(&out->unknown, lines->items[i]);
    }
    free(taken);
}

static bool ask_primaries(struct site *site, struct follower_list *out, struct error *err) {
    AUTO(many_clear) struct many primaries = { 0 };
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    list_clear(out);
    site_list(site, SITE_PRIMARIES, &primaries);
    if (!many_call(&primaries, site_deadline(site), &replies, err, "INFO", NULL))
        return false;
    for (size_t s = 0; s < replies.count; s++) {
        struct follower_shard *shard = LIST_ADD(out);
        AUTO(server_info_clear) struct server_info server = { 0 };
        server_info_read(replies.items[s], &server);
        replication_read(&server, &shard->seen);
        shard->let_in = (server.full_syncs < 0 ? 0 : server.full_syncs) + server.partial_syncs;
        read_lines(site, s, &server, shard);
    }
    return true;
}

static bool all_are_known(const struct follower_list *list) {
    bool known = true;
    for (size_t s = 0; s < list->count; s++)
        known = known && !list->items[s].unknown.count;
    return known;
}

/* Its history is that of the source, and what it has of it came over a link of its own. */
static bool follows(const struct site *site, const struct replication *node,
                    const struct replication *primary) {
    return !node->is_primary && node->link_up && !node->syncing && node->follows &&
           !site_is_target(site, node->follows) && primary->replid && node->replid &&
           strcmp(node->replid, primary->replid) == 0;
}

/* Of each shard how many nodes of the target follow it: any, or those past `offset`. */
static bool count_followers(struct site *site, const struct follower_list *list, bool past,
                            size_t *counts, struct error *err) {
    AUTO(many_clear) struct many targets = { 0 };
    AUTO(replications_clear) struct replications seen = { 0 };
    site_list(site, SITE_TARGETS, &targets);
    if (!site_pair(site, err) ||
        !replication_ask_many(&targets, "replication", site_deadline(site), &seen, err))
        return error_wrap(err, "target");
    memset(counts, 0, list->count * sizeof *counts);
    for (size_t i = 0; i < seen.count; i++) {
        size_t s = site_shard_of(site, &site->targets.items[i]);
        const struct replication *primary = &list->items[s].seen;
        counts[s] += follows(site, &seen.items[i], primary) &&
                     (!past || seen.items[i].applied_offset > primary->offset);
    }
    return true;
}

static bool is_foreign(const struct site *site, size_t shard, const struct follower_shard *seen,
                       size_t count, struct error *err) {
    AUTO(string_free) char *lines = strings_join(&seen->unknown, ", ");
    const char *primary = site_primary(site, shard)->address;
    if (!count) {
        error_set(err, ERROR_FAILED, "the source '%s' has a new replica '%s', which is not fenced",
                  primary, lines);
        return error_hint(err, "end its replication, or plan again so that it is fenced too");
    }
    error_set(err, ERROR_FAILED,
              "the source '%s' has %zu replicas that are not known by address (%s), and only "
              "%zu of them can be the target: there is a new replica, which is not fenced",
              primary, seen->unknown.count, lines, count);
    return error_hint(err,
                      "CLIENT LIST on '%s' shows their connections (flags=S); end the replication "
                      "that does not belong to the target, then apply again",
                      primary);
}

/* What the header calls 1: as many lines as nodes of the target. *settled: it may be that they only
 * are not there yet. */
static bool can_be_the_target(struct site *site, const struct follower_list *list, size_t *counts,
                              bool *settled, struct error *err) {
    *settled = true;
    if (!count_followers(site, list, false, counts, err))
        return false;
    for (size_t s = 0; s < list->count; s++) {
        const struct follower_shard *shard = &list->items[s];
        size_t unnamed = counts[s] > shard->named ? counts[s] - shard->named : 0;
        if (shard->unknown.count > unnamed)
            return is_foreign(site, s, shard, unnamed, err);
        *settled = *settled && (!shard->unknown.count || shard->unknown.count == unnamed);
    }
    return true;
}

/* WAIT for more replicas than there are makes a primary ask all of them how far they are, which is
 * part of what it sends. One that refuses it, or does not know it (before 3.0), sends a PING every
 * ten seconds. */
static void make_it_send(struct site *site) {
    AUTO(many_clear) struct many primaries = { 0 };
    site_list(site, SITE_PRIMARIES, &primaries);
    for (size_t i = 0; i < primaries.count; i++)
        redis_queue_words(primaries.items[i], "WAIT", "1000000", "1", NULL);
    redis_exchange(primaries.items, primaries.count, site_deadline(site));
    for (size_t i = 0; i < primaries.count; i++) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        AUTO(error_clear) struct error ignored = { 0 };
        (void)!redis_take(primaries.items[i], &reply, &ignored);
    }
}

/* 2: every one of them has something newer than the lines. */
static bool await_newer(struct site *site, const struct follower_list *list, const size_t *counts,
                        int64_t deadline_mono_ms, struct error *err) {
    size_t *past = xcalloc(list->count + 1, sizeof *past);
    bool fine = true, shown = false;
    make_it_send(site);
    while (fine && !shown) {
        fine = count_followers(site, list, true, past, err);
        shown = fine;
        for (size_t s = 0; shown && s < list->count; s++)
            shown = !list->items[s].unknown.count || past[s] >= counts[s];
        if (fine && !shown && clock_mono_ms() >= deadline_mono_ms)
            fine = error_set(err, ERROR_DEADLINE,
                             "the target did not show in time that it is the replica behind the "
                             "address translation") ||
                   error_hint(
                       err, "its link may be down; the source's user must be allowed to run WAIT");
        else if (fine && !shown)
            clock_sleep_ms(POLL_MS);
    }
    free(past);
    return fine;
}

/* 3: nobody was let in since. */
static bool is_unchanged(const struct follower_list *before, const struct follower_list *now) {
    bool same = before->count == now->count;
    for (size_t s = 0; same && s < before->count; s++) {
        const struct follower_shard *left = &before->items[s], *right = &now->items[s];
        same = left->let_in == right->let_in && left->unknown.count == right->unknown.count &&
               left->named == right->named && string_same(left->seen.run_id, right->seen.run_id);
    }
    return same;
}

bool followers_are_known(struct site *site, int64_t deadline_mono_ms, struct error *err) {
    size_t *counts = xcalloc(site->shards.count + 1, sizeof *counts);
    bool fine = true, done = false;
    while (fine && !done) {
        AUTO(list_clear) struct follower_list before = { 0 }, now = { 0 };
        bool settled = true;
        fine = ask_primaries(site, &before, err);
        done = fine && all_are_known(&before);
        if (!fine || done)
            break;
        fine = can_be_the_target(site, &before, counts, &settled, err);
        if (fine && settled) {
            fine = await_newer(site, &before, counts, deadline_mono_ms, err) &&
                   ask_primaries(site, &now, err);
            done = fine && is_unchanged(&before, &now);
        }
        if (fine && !done && clock_mono_ms() >= deadline_mono_ms)
            fine = error_set(err, ERROR_DEADLINE,
                             "the replicas of the source kept changing while they were counted");
        else if (fine && !done)
            clock_sleep_ms(POLL_MS);
    }
    free(counts);
    return fine;
}

/* A promoted one may still be listed for a moment. */
static bool may_be_listed(const struct site *site, const struct replication *node) {
    bool sent =
        site->journal && journal_state(site->journal)->marks[JOURNAL_MARK_SENDING].count > 0;
    return node->is_primary ? sent : node->follows && !site_is_target(site, node->follows);
}

static bool count_listed(struct site *site, size_t *counts, struct error *err) {
    AUTO(many_clear) struct many targets = { 0 };
    AUTO(replications_clear) struct replications seen = { 0 };
    if (!site_targets(site, err)) {
        bool absent = err->code == ERROR_NOT_FOUND;
        if (absent)
            error_clear(err);
        return absent;
    }
    site_list(site, SITE_TARGETS, &targets);
    if (!site_pair(site, err) ||
        !replication_ask_many(&targets, "replication", site_deadline(site), &seen, err))
        return error_wrap(err, "target");
    for (size_t i = 0; i < seen.count; i++)
        counts[site_shard_of(site, &site->targets.items[i])] += may_be_listed(site, &seen.items[i]);
    return true;
}

static bool no_strangers(const struct site *site, const size_t *counts, struct error *err) {
    for (size_t s = 0; s < site->topology.count; s++) {
        const struct topology_shard *shard = &site->topology.items[s];
        if (shard->unproven.count + shard->targets_named <=
            (counts[s] > shard->targets_named ? counts[s] : shard->targets_named))
            continue;
        AUTO(string_free) char *lines = strings_join(&shard->unproven, ", ");
        error_set(
            err, ERROR_CONFLICT,
            "the source '%s' lists replicas at addresses where none of its replicas answers: %s",
            shard->primary, lines);
        return error_hint(err, "each replica needs its own address that can be reached from here "
                               "(replica-announce-ip, replica-announce-port), because it must be "
                               "fenced; or end its replication");
    }
    return true;
}

bool followers_are_the_targets(struct site *site, struct error *err) {
    size_t unproven = 0;
    for (size_t s = 0; s < site->topology.count; s++)
        unproven += site->topology.items[s].unproven.count;
    if (!unproven)
        return true;
    size_t *counts = xcalloc(site->topology.count + 1, sizeof *counts);
    bool fine = count_listed(site, counts, err) && no_strangers(site, counts, err);
    free(counts);
    return fine;
}
