#include "executor/site/replication.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

#define ROW(member, ...) FIELD(struct replication, member, __VA_ARGS__)
static const struct shape_field replication_fields[] = {
    ROW(is_primary, SHAPE_BOOL),      ROW(link_up, SHAPE_BOOL),
    ROW(syncing, SHAPE_BOOL),         ROW(writable, SHAPE_BOOL),
    ROW(follows, SHAPE_STRING),       ROW(run_id, SHAPE_STRING),
    ROW(replid, SHAPE_STRING),        ROW(replid2, SHAPE_STRING),
    ROW(offset, SHAPE_INT),           ROW(applied_offset, SHAPE_INT),
    ROW(second_offset, SHAPE_INT),    ROW(backlog_first_offset, SHAPE_INT),
    ROW(sync_total_bytes, SHAPE_INT), ROW(sync_read_bytes, SHAPE_INT),
    ROW(full_syncs, SHAPE_INT),
};
const struct shape replication_shape = SHAPE("replication", struct replication, replication_fields);

void replication_read(const struct server_info *server, struct replication *out) {
    *out = (struct replication){
        .is_primary = server->is_primary,
        .link_up = server->link_up,
        .syncing = server->syncing,
        .writable = server->writable,
        .follows = xstrdup(server->follows),
        .run_id = xstrdup(server->run_id),
        .replid = xstrdup(server->replid),
        .replid2 = xstrdup(server->replid2),
        .offset = server->offset,
        .applied_offset = server->applied_offset,
        .second_offset = server->second_offset,
        .backlog_first_offset = server->backlog_first_offset,
        .sync_total_bytes = server->sync_total_bytes,
        .sync_read_bytes = server->sync_read_bytes,
        .full_syncs = server->full_syncs,
    };
    /* Before 4.0 the run id is the name of the history. */
    if (out->is_primary && !out->replid)
        out->replid = xstrdup(out->run_id);
}

static bool read_reply(const struct redis_connection *connection, const struct redis_reply *reply,
                       struct replication *out, struct error *err) {
    AUTO(server_info_clear) struct server_info server = { 0 };
    server_info_read(reply, &server);
    if (!server.role)
        return error_set(err, ERROR_FORMAT, "INFO of '%s' has no role", redis_name(connection));
    replication_read(&server, out);
    return true;
}

bool replication_ask_many(const struct many *servers, const char *section, int64_t deadline_mono_ms,
                          struct replications *out, struct error *err) {
    AUTO(many_replies_clear) struct many_replies replies = { 0 };
    AUTO(replications_clear) struct replications made = { 0 };
    if (!many_call(servers, deadline_mono_ms, &replies, err, "INFO", section, NULL))
        return false;
    for (size_t i = 0; i < servers->count; i++)
        if (!read_reply(servers->items[i], replies.items[i], LIST_ADD(&made), err))
            return false;
    replications_clear(out);
    *out = MOVE(made);
    return true;
}

void replications_clear(struct replications *list) {
    if (!list)
        return;
    LIST_CLEAR(list, replication_clear);
}

void replication_clear(struct replication *replication) {
    if (replication)
        shape_clear(&replication_shape, replication);
}

static bool same(const char *left, const char *right) {
    return left && right && strcmp(left, right) == 0;
}

bool replication_is_source(const struct replication *node, const char *address, struct error *err) {
    if (!node->is_primary)
        return error_set(err, ERROR_FAILED, "the source '%s' is no longer a primary", address);
    if (node->offset < 0)
        return error_set(err, ERROR_FAILED, "INFO of the source '%s' has no usable offset",
                         address);
    return node->replid ||
           error_set(err, ERROR_FAILED,
                     "INFO of the source '%s' has neither master_replid nor run_id", address);
}

bool replication_continues(const struct replication *source_now,
                           const struct replication_sample *sample) {
    return same(source_now->replid, sample->replid) || (same(source_now->replid2, sample->replid) &&
                                                        source_now->second_offset > sample->offset);
}

/* `replid` names the sampled history, or the one that the source has continued it under. */
static bool is_of_lineage(const char *replid, const struct replication *source_now,
                          const struct replication_sample *sample) {
    return same(replid, sample->replid) || (source_now && same(replid, source_now->replid) &&
                                            replication_continues(source_now, sample));
}

bool replication_caught_up(const struct replication *target, const struct replication *source_now,
                           const struct replication_sample *sample) {
    return !target->is_primary && target->link_up && !target->syncing &&
           is_of_lineage(target->replid, source_now, sample) &&
           target->applied_offset >= sample->offset;
}

enum promotion replication_promotion(const struct replication *target,
                                     const struct replication *source_now,
                                     const struct replication_sample *sample) {
    if (!target->is_primary)
        return PROMOTION_NONE;
    if (!is_of_lineage(target->replid2, source_now, sample))
        return PROMOTION_UNPROVEN;
    return target->second_offset > sample->offset ? PROMOTION_CLEAN : PROMOTION_EARLY;
}
