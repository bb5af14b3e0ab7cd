#include "executor/verify/snapshot.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "executor/moment.h"
#include "providers/redis/server.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/number.h"

#define POLL_MS 2
#define STANDSTILL_MS INT64_C(120000) /* of a server that is waited for */

static int in_order(const void *left, const void *right) {
    const struct keyspace_row *one = left, *two = right;
    return one->database < two->database ? -1 : one->database > two->database;
}

static void read_keyspace(const struct server_info *server, struct keyspace *keyspace) {
    for (size_t i = 0; i < server->databases.count; i++) {
        const struct server_database *database = &server->databases.items[i];
        if (database->index > INT_MAX)
            continue;
        *LIST_ADD(keyspace) =
            (struct keyspace_row){ (int)database->index, database->keys,
                                   database->expires < 0 ? 0 : database->expires };
        keyspace->total_keys = number_sum(keyspace->total_keys, database->keys);
    }
    if (keyspace->count > 1)
        qsort(keyspace->items, keyspace->count, sizeof *keyspace->items, in_order);
}

static void snapshot_read(const struct redis_reply *reply, struct snapshot *snapshot) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_read(reply, &server);
    *snapshot = (struct snapshot){
        .is_replica = server.is_replica,
        .link_up = server.link_up,
        .clustered = server.cluster_enabled,
        .run_id = xstrdup(server.run_id),
        .replid = xstrdup(server.replid),
        .expired_keys = server.expired_keys,
        .evicted_keys = server.evicted_keys,
        .changes = server.changes,
        .saved_at_s = server.saved_at_s,
        .version = (int)server.version,
        .copied_bytes = server.copied_bytes,
        .offset = server.is_replica ? server.applied_offset : server.offset,
    };
    /* Before 4.0 the run id of a primary is the name of its history. */
    if (!snapshot->is_replica && !snapshot->replid)
        snapshot->replid = xstrdup(snapshot->run_id);
    read_keyspace(&server, &snapshot->keyspace);
}

bool snapshot_take(struct redis_connection *connection, int64_t deadline_mono_ms,
                   struct snapshot *out, struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_call(connection, deadline_mono_ms, &reply, err, "INFO", NULL))
        return false;
    snapshot_clear(out);
    snapshot_read(reply, out);
    return true;
}

static bool take_look(struct redis_connection *connection, struct snapshot *out,
                      struct error *err) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    if (!redis_take(connection, &reply, err))
        return false;
    if (reply->type == REDIS_FAULT)
        return error_set(err, ERROR_REFUSED, "%s refused 'INFO': %s", redis_name(connection),
                         reply->bytes);
    snapshot_clear(out);
    snapshot_read(reply, out);
    return true;
}

bool snapshot_take_both(const struct verify_options *options, struct snapshot *source,
                        struct snapshot *target, struct error *err) {
    struct redis_connection *both[] = { options->source, options->target };
    redis_queue_words(options->source, "INFO", NULL);
    redis_queue_words(options->target, "INFO", NULL);
    redis_exchange(both, 2, options->deadline_mono_ms);
    return take_look(options->source, source, err) && take_look(options->target, target, err);
}

bool verify_go_on(const struct verify_options *options, int64_t done, int64_t total,
                  struct error *err) {
    if (clock_left_ms(options->deadline_mono_ms) == 0)
        return error_set(err, ERROR_DEADLINE, "the comparison did not end in time");
    if (options->progress && !options->progress(options->context, done, total))
        return error_set(err, ERROR_INTERRUPTED, "the comparison was stopped");
    return true;
}

static bool not_following(const struct verify_options *options, struct error *err) {
    error_set(err, ERROR_CONFLICT, "the target %s does not replicate from the source %s",
              redis_name(options->target), redis_name(options->source));
    return error_hint(err, "compare while the migration is in progress, or after the cutover");
}

bool refusal_hint(struct error *err, const char *fault, size_t length) {
    static const struct {
        const char *code, *hint;
    } rows[] = {
        { "BUSY", "compare again once the script has ended" },
        { "LOADING", "compare again once the server has loaded its data" },
        { "MASTERDOWN", "compare again once the server follows its primary again" },
        { "CLUSTERDOWN", "compare again once the cluster serves all its slots" },
        { "MOVED", "slots were moved meanwhile: compare again once they are stable" },
        { "ASK", "slots are being moved: compare again once they are stable" },
        { "TRYAGAIN", "slots are being moved: compare again once they are stable" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t code = strlen(rows[i].code);
        if (length > code && strncmp(fault, rows[i].code, code) == 0 && fault[code] == ' ')
            return error_hint(err, "%s", rows[i].hint);
    }
    return error_hint(err, "the user needs the read commands on every key: +@read ~*");
}

/* How far a server has come that is waited for, and since when. One that begins a copy again and
 * again without getting any of it stands still. */
struct standstill {
    int64_t offset, copied_bytes, since_mono_ms;
};

static bool comes_nearer(struct standstill *standstill, const struct snapshot *snapshot) {
    bool nearer =
        snapshot->offset > standstill->offset || snapshot->copied_bytes > standstill->copied_bytes;
    standstill->offset = snapshot->offset;
    standstill->copied_bytes = snapshot->copied_bytes;
    if (nearer)
        standstill->since_mono_ms = clock_mono_ms();
    return clock_mono_ms() - standstill->since_mono_ms < moment_span_ms(STANDSTILL_MS);
}

static bool not_reached(const struct redis_connection *connection, const struct snapshot *snapshot,
                        int64_t offset, struct error *err) {
    error_set(err, ERROR_DEADLINE,
              "%s did not reach offset %" PRId64 " in time: it is at %" PRId64 ", its link is %s",
              redis_name(connection), offset, snapshot->offset, snapshot->link_up ? "up" : "down");
    return error_hint(err,
                      "compare again once it follows its primary; its log shows why it does not");
}

/* A replica, until it shows in one reply its link up, this replid and at least this offset. */
static bool reach(const struct verify_options *options, struct redis_connection *connection,
                  const char *replid, int64_t offset, struct snapshot *out, struct error *err) {
    struct standstill standstill = { .since_mono_ms = clock_mono_ms() };
    for (;;) {
        AUTO(snapshot_clear) struct snapshot snapshot = { 0 };
        if (!snapshot_take(connection, options->deadline_mono_ms, &snapshot, err))
            return false;
        if (!snapshot.is_replica)
            return not_following(options, err);
        bool same = snapshot.replid && replid && strcmp(snapshot.replid, replid) == 0;
        if (snapshot.link_up && !same)
            return not_following(options, err);
        if (snapshot.link_up && snapshot.offset >= offset) {
            snapshot_clear(out);
            *out = MOVE(snapshot);
            return true;
        }
        if (!comes_nearer(&standstill, &snapshot) ||
            clock_left_ms(options->deadline_mono_ms) <= 2 * POLL_MS)
            return not_reached(connection, &snapshot, offset, err);
        clock_sleep_ms(POLL_MS);
    }
}

bool snapshot_when_caught_up(const struct verify_options *options, const char *replid,
                             int64_t offset, struct snapshot *out, struct error *err) {
    return reach(options, options->target, replid, offset, out, err);
}

bool snapshot_take_source(const struct verify_options *options, int64_t offset,
                          struct snapshot *out, struct error *err) {
    if (!snapshot_take(options->source, options->deadline_mono_ms, out, err))
        return false;
    if (!out->is_replica || out->offset >= offset)
        return true;
    AUTO(string_free) char *replid = xstrdup(out->replid);
    return reach(options, options->source, replid, offset, out, err);
}

void snapshots_clear(struct snapshots *snapshots) {
    snapshot_clear(&snapshots->source);
    snapshot_clear(&snapshots->target);
}

bool snapshot_in_step(const struct verify_options *options, struct snapshots *out,
                      struct error *err) {
    if (options->detached)
        return snapshot_take_both(options, &out->source, &out->target, err);
    if (!snapshot_take(options->source, options->deadline_mono_ms, &out->source, err))
        return false;
    if (out->source.is_replica &&
        (!snapshot_take(options->target, options->deadline_mono_ms, &out->target, err) ||
         !snapshot_take_source(options, out->target.offset, &out->source, err)))
        return false;
    return snapshot_when_caught_up(options, out->source.replid, out->source.offset, &out->target,
                                   err);
}

bool snapshot_was_still(const struct snapshot *before, const struct snapshot *after) {
    return before->changes >= 0 && before->changes == after->changes &&
           before->saved_at_s == after->saved_at_s && before->expired_keys == after->expired_keys &&
           before->evicted_keys == after->evicted_keys;
}

struct keyspace_row keyspace_row(const struct snapshot *snapshot, int64_t database) {
    const struct keyspace_row wanted = { .database = database };
    const struct keyspace_row *row =
        snapshot->keyspace.count ? bsearch(&wanted, snapshot->keyspace.items,
                                           snapshot->keyspace.count, sizeof wanted, in_order)
                                 : NULL;
    return row ? *row : wanted;
}

void snapshot_clear(struct snapshot *snapshot) {
    if (!snapshot)
        return;
    free(snapshot->run_id);
    free(snapshot->replid);
    free(snapshot->keyspace.items);
    *snapshot = (struct snapshot){ 0 };
}
