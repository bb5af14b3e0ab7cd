#include "executor/site/replication.h"

#include <inttypes.h>
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

void replication_read(const struct info *info, struct replication *out) {
    const char *role = info_find(info, "role"), *link = info_find(info, "master_link_status");
    const char *host = info_find(info, "master_host"), *port = info_find(info, "master_port");
    *out = (struct replication){
        .is_primary = role && strcmp(role, "master") == 0,
        .link_up = link && strcmp(link, "up") == 0,
        .syncing = info_int(info, "master_sync_in_progress", 0) == 1,
        .writable = info_int(info, "slave_read_only", 1) == 0,
        .follows = host && port ? xasprintf("%s:%s", host, port) : NULL,
        .run_id = xstrdup(info_find(info, "run_id")),
        .replid = xstrdup(info_find(info, "master_replid")),
        .replid2 = xstrdup(info_find(info, "master_replid2")),
        .offset = info_int(info, "master_repl_offset", -1),
        .applied_offset = info_int(info, "slave_repl_offset", -1),
        .second_offset = info_int(info, "second_repl_offset", -1),
        .backlog_first_offset = info_int(info, "repl_backlog_first_byte_offset", -1),
        .sync_total_bytes = info_int(info, "master_sync_total_bytes", 0),
        .sync_read_bytes = info_int(info, "master_sync_read_bytes", 0),
        .full_syncs = info_int(info, "sync_full", -1),
    };
    /* Before 4.0 the run id is the name of the history. */
    if (out->is_primary && !out->replid)
        out->replid = xstrdup(out->run_id);
}

void replication_replicas(const struct info *info, struct strings *out) {
    for (size_t i = 0;; i++) {
        AUTO(string_free) char *field = xasprintf("slave%zu", i);
        const char *value = info_find(info, field);
        if (!value)
            return;
        AUTO(string_free) char *host = info_part(value, "ip");
        int64_t port = info_part_int(value, "port", 0);
        if (host && port > 0) /* 0: it reads the log, as a backup does, and is no server */
            strings_addf(out, "%s:%" PRId64, host, port);
    }
}

static bool read_reply(const struct redis_connection *connection, const struct redis_reply *reply,
                       struct replication *out, struct error *err) {
    AUTO(info_clear) struct info info = { 0 };
    info_parse(redis_text(reply), reply->length, &info);
    if (!info_find(&info, "role"))
        return error_set(err, ERROR_FORMAT, "INFO of '%s' has no role", redis_name(connection));
    replication_read(&info, out);
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
    *out = made;
    made = (struct replications){ 0 };
    return true;
}

void replications_clear(struct replications *list) {
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        replication_clear(&list->items[i]);
    free(list->items);
    *list = (struct replications){ 0 };
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
