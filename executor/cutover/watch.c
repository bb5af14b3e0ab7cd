#include "executor/cutover/watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/cutover/cutover.h"
#include "executor/cutover/fence.h"
#include "executor/gates/settings.h"
#include "executor/moment.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define EVERY_MS 250              /* writes while it is missing may be lost: cheap, and short */
#define LAST_PAUSE_MS (30 * 1000) /* of a source that is gone: each try confirms the lock */

static struct fence_watch_node *watched(struct site *site, size_t index) {
    struct fence_watch *watch = &site->cutover->watch;
    while (watch->nodes.count <= index)
        (void)LIST_ADD(&watch->nodes);
    return &watch->nodes.items[index];
}

static void note_seen(struct site *site, size_t index) {
    *watched(site, index) = (struct fence_watch_node){ .seen_at_ms = clock_wall_ms() };
}

void cutover_watch_from_now(struct site *site) {
    struct fence_watch *watch = &site->cutover->watch;
    for (size_t i = 0; i < site->nodes.count; i++)
        note_seen(site, i);
    watch->next_mono_ms = clock_mono_ms() + EVERY_MS;
}

/* After a process died, the fence is known to have stood when the request was about to leave. */
static int64_t last_seen(struct site *site, size_t index) {
    int64_t seen_at_ms = watched(site, index)->seen_at_ms;
    return seen_at_ms ? seen_at_ms : site->cutover->refused_at_ms;
}

static bool set_again(struct site *site, const struct site_node *node, struct error *err) {
    AUTO(many_clear) struct many alone = { 0 };
    int64_t ended = 0;
    many_add(&alone, node->connection);
    return journal_confirm_lock(site->journal, JOURNAL_FRESH_MS, err) &&
           fence_set(&alone, site->cutover->fence, err) &&
           (node->version >= FENCE_SCRIPTS_VERSION ||
            fence_end_clients(node->connection, &ended, err));
}

/* From here on no client writes: what the counters grew by before, until the target is promoted, is
 * on the target, and not to be taken for what escaped. */
static const struct cutover_shard *sample(struct site *site, const struct site_node *node) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    AUTO(server_info_clear) struct server_info server = { 0 };
    AUTO(replication_clear) struct replication now = { 0 };
    bool confirmed = journal_state(site->journal)->marks[JOURNAL_MARK_CONFIRMED].count > 0;
    if (confirmed || !node->is_primary || node->shard >= site->cutover->shards.count ||
        !redis_call(node->connection, REDIS_NOW, &reply, &ignored, "INFO", "all", NULL))
        return NULL;
    struct cutover_shard *shard = &site->cutover->shards.items[node->shard];
    server_info_read(reply, &server);
    replication_read(&server, &now);
    audit_counters_clear(&shard->at_reset);
    audit_counters_read(&server, &shard->at_reset);
    shard->reset_offset = now.offset;
    return shard;
}

static int64_t since_ms(int64_t earlier_ms, int64_t now_ms) {
    return now_ms > earlier_ms ? now_ms - earlier_ms : 0;
}

/* Before it is set again: a process that dies in between must not forget it. */
static bool record_missing(struct site *site, const struct site_node *node, const char *found,
                           int64_t seen_at_ms, struct error *err) {
    AUTO(json_free) struct json *data = json_new_object();
    int64_t now_ms = clock_wall_ms(), missing_ms = since_ms(seen_at_ms, now_ms);
    AUTO(string_free) char *missing = units_duration(missing_ms);
    char since[CLOCK_TEXT_BYTES];
    clock_format_seconds(seen_at_ms, since);
    json_put_string(data, "state", "fence_missing");
    json_put_string(data, "node", node->address);
    json_put_string(data, "found", found);
    json_put_int(data, "seen_at_ms", seen_at_ms);
    json_put_int(data, "found_at_ms", now_ms);
    json_put_int(data, "missing_ms", missing_ms);
    events_emit(
        site->events,
        &(struct event_fact){ .kind = EVENT_WRITES,
                              .level = SEVERITY_WARNING,
                              .state = "accepted",
                              .data = json_share(data) },
        "the fence on '%s' was removed (min-replicas-to-write is %s); it was last seen at %s, %s "
        "ago, and is being set again. Something else manages this setting: a Kubernetes operator, "
        "configuration management, or a restart without the configuration file",
        node->address, found, since, missing);
    return journal_add(site->journal,
                       &(struct journal_fact){ .type = JOURNAL_CHECKPOINT, .data = data }, err);
}

/* It was read back. A process that takes over recalls the counters; `sampled` may be NULL. */
static bool record_reset(struct site *site, const struct site_node *node, int64_t found_at_ms,
                         const struct cutover_shard *sampled, struct error *err) {
    AUTO(json_free) struct json *data = json_new_object();
    int64_t now_ms = clock_wall_ms();
    json_put_string(data, "state", "fence_reset");
    json_put_string(data, "node", node->address);
    json_put_int(data, "set_at_ms", now_ms);
    json_put_int(data, "missing_ms", since_ms(found_at_ms, now_ms));
    events_emit(site->events,
                &(struct event_fact){ .kind = EVENT_WRITES,
                                      .level = SEVERITY_WARNING,
                                      .state = "refused",
                                      .data = json_share(data) },
                "the fence on '%s' is set again", node->address);
    if (sampled) {
        json_put_string(data, "shard", sampled->name);
        json_put_int(data, "reset_offset", sampled->reset_offset);
        json_put(data, "counters", shape_write(&audit_counters_shape, &sampled->at_reset));
    }
    return journal_add(site->journal,
                       &(struct journal_fact){ .type = JOURNAL_CHECKPOINT, .data = data }, err);
}

/* Nothing was sent: the source is authoritative, and has everything. */
static bool give_up(const struct site_node *node, const char *found, struct error *err) {
    error_set(err, ERROR_FAILED,
              "the fence on '%s' was removed before CompleteMigration was sent "
              "(min-replicas-to-write is %s)",
              node->address, found);
    return error_hint(err, "stop what sets min-replicas-to-write on the source (a Kubernetes "
                           "operator, configuration management), then apply again");
}

static bool judge(struct site *site, size_t index, const struct fence_values *values,
                  struct error *err) {
    struct cutover *cutover = site->cutover;
    const struct site_node *node = &site->nodes.items[index];
    if (!values->write)
        return true;
    if (fence_stands(values, cutover->fence)) {
        note_seen(site, index);
        return true;
    }
    if (!cutover->sent && node->is_primary)
        return give_up(node, values->write, err);
    /* Once, however often setting it fails; and it is set also where it cannot be recorded. */
    AUTO(error_clear) struct error unwritten = { 0 };
    int64_t found_at_ms = clock_wall_ms();
    bool recorded = watched(site, index)->recorded ||
                    record_missing(site, node, values->write, last_seen(site, index), &unwritten);
    watched(site, index)->recorded = recorded;
    if (!set_again(site, node, err))
        return false;
    moment("after the fence is set again");
    if (!recorded)
        return error_move(err, &unwritten), false;
    note_seen(site, index);
    return record_reset(site, node, found_at_ms, sample(site, node), err);
}

bool cutover_see_fences(struct site *site, struct fence_list *out, struct error *err) {
    AUTO(many_clear) struct many nodes = { 0 }, anew = { 0 };
    site_list(site, SITE_NODES, &nodes);
    if (fence_see(&nodes, out, err))
        return true;
    if (!site_source(site, SITE_NODES, err))
        return false;
    error_clear(err);
    site_list(site, SITE_NODES, &anew);
    return fence_see(&anew, out, err);
}

/* Every node is looked at, even if others fail. */
static bool look(struct site *site, struct error *err) {
    AUTO(fence_list_clear) struct fence_list now = { 0 };
    bool fine = cutover_see_fences(site, &now, err);
    for (size_t i = 0; i < now.count; i++) {
        AUTO(error_clear) struct error failure = { 0 };
        if (judge(site, i, &now.items[i], &failure))
            continue;
        if (fine || failure.code == ERROR_LOCK_LOST) {
            error_clear(err);
            error_move(err, &failure);
        }
        fine = false;
    }
    return fine;
}

static bool watch(struct site *site, bool at_once, struct error *err) {
    struct cutover *cutover = site->cutover;
    if (!cutover || !cutover->fenced || !cutover_fences(site))
        return true;
    if (cutover->watch.lock_lost)
        return error_set(err, ERROR_LOCK_LOST, "the lock was lost while the fence was watched");
    struct fence_watch *known = &cutover->watch;
    bool fine = look(site, err);
    if (fine)
        settings_keep(site, at_once);
    int64_t longer_ms = known->pause_ms < LAST_PAUSE_MS / 2 ? known->pause_ms * 2 : LAST_PAUSE_MS;
    known->pause_ms = fine || !known->pause_ms ? EVERY_MS : longer_ms;
    known->next_mono_ms = clock_mono_ms() + known->pause_ms;
    if (fine || !cutover->sent || err->code == ERROR_LOCK_LOST)
        return fine;
    error_clear(err);
    return true;
}

bool cutover_watch_at_once(struct site *site, struct error *err) {
    return watch(site, true, err);
}

bool cutover_watch(struct site *site, struct error *err) {
    return !site->cutover || clock_mono_ms() < site->cutover->watch.next_mono_ms ||
           watch(site, false, err);
}

void cutover_watch_beside(struct site *site) {
    AUTO(error_clear) struct error lost = { 0 };
    if (site->cutover && site->cutover->sent && !site->cutover->watch.lock_lost &&
        !cutover_watch(site, &lost))
        site->cutover->watch.lock_lost = true;
}

const struct site_watch cutover_site_watch = { .beside = cutover_watch_beside,
                                               .settings = settings_watch };
