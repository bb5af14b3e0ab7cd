/* Online Migration of a group without cluster mode, as the service does it: the primary follows the
 * customer's server, and is promoted again at the end or when that fails. */
#include <stdlib.h>
#include <string.h>

#include "providers/local/mishap.h"
#include "providers/local/nodes.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define SOURCE_ANSWER_MS 1000
#define TRIES_CEILING 3
/* A quiet source sends a PING every 10 s; a link that is silent for longer is not in sync. */
#define SYNC_SILENCE_S 12
/* What the service's nodes need of the customer's server, as far as one may ask for it. */
static const char *const needed_commands[] = { "psync", "replconf", "info", "ping" };

static bool source_open(const struct migration *migration, struct redis_connection **out,
                        struct error *err) {
    struct redis_options options = {
        .host = migration->host,
        .port = (uint16_t)migration->port,
        .timeout_ms = SOURCE_ANSWER_MS,
    };
    return redis_open(&options, out, err);
}

/* A value of the source's settings; NULL where it does not say. The caller frees. */
static char *source_setting(struct redis_connection *source, const char *name) {
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    if (!redis_call(source, REDIS_NOW, &reply, &ignored, "CONFIG", "GET", name, NULL) ||
        reply->count != 2)
        return NULL;
    return xstrdup(redis_text(reply->elements[1]));
}

/* Protected mode refuses every peer but loopback ones, which ours all are: it is read, and then
 * refused as it would be for the service's nodes. */
static bool is_protected(struct redis_connection *source) {
    AUTO(string_free) char *mode = source_setting(source, "protected-mode");
    return mode && strcmp(mode, "yes") == 0;
}

static bool source_commands(struct redis_connection *source, struct error *err) {
    for (size_t i = 0; i < COUNT(needed_commands); i++) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        if (!redis_call(source, REDIS_NOW, &reply, err, "COMMAND", "INFO", needed_commands[i],
                        NULL))
            return false;
        if (reply->count == 1 && reply->elements[0]->type == REDIS_NIL)
            return error_set(err, ERROR_REFUSED, "command %s is not available", needed_commands[i]);
    }
    return true;
}

static const char *target_databases(struct state *state, const struct group *group) {
    const struct parameter_group *own = state_parameter_group(state, group->parameter_group);
    const char *value = own ? pairs_find(&own->values, "databases") : NULL;
    return value ? value : parameter_find("databases")->value;
}

static bool source_is_fit(struct state *state, const struct group *group, struct error *err) {
    AUTO(redis_close) struct redis_connection *source = NULL;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(info_clear) struct info info = { 0 };
    if (!source_open(&group->migration, &source, err) ||
        !redis_call(source, REDIS_NOW, &reply, err, "INFO", NULL))
        return false;
    info_parse(reply->bytes, reply->length, &info);
    if (is_protected(source))
        return error_set(err, ERROR_REFUSED, "source is in protected mode");
    if (info_int(&info, "cluster_enabled", 0))
        return error_set(err, ERROR_REFUSED, "source has cluster mode enabled");
    AUTO(string_free) char *databases = source_setting(source, "databases");
    if (databases && strcmp(databases, target_databases(state, group)) != 0)
        return error_set(err, ERROR_REFUSED, "number of databases differs");
    return source_commands(source, err);
}

static void leave(struct endpoint *endpoint, struct group *group) {
    free(group->migration.host);
    group->migration = (struct migration){ 0 };
    group_enter(endpoint, group, PHASE_AVAILABLE, 0);
}

static void finish_test(struct endpoint *endpoint, struct group *group) {
    AUTO(error_clear) struct error why = { 0 };
    bool fit = mishap_on_phase(endpoint->dir, MISHAP_TEST_FAILS, NULL)
                   ? error_set(&why, ERROR_REFUSED, "a fault that was asked for")
                   : source_is_fit(&endpoint->state, group, &why);
    if (fit)
        state_event(&endpoint->state, "replication-group", group->id,
                    "Test migration succeeded for replication group %s.", group->id);
    else
        state_event(&endpoint->state, "replication-group", group->id,
                    "Test migration failed for replication group %s because of: %s", group->id,
                    why.message);
    leave(endpoint, group);
}

/* Tries once to make the primary follow; what is in the way may go away until the time is over. */
static void try_follow(struct endpoint *endpoint, struct group *group) {
    AUTO(redis_close) struct redis_connection *source = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    struct migration *migration = &group->migration;
    if (source_open(migration, &source, &ignored) && is_protected(source))
        return;
    if (node_follow(&endpoint->state, group_primary(group), migration->host, migration->port,
                    &ignored)) {
        migration->sent = true;
        endpoint->changed = true;
    }
}

static void start(struct endpoint *endpoint, struct group *group) {
    state_event(&endpoint->state, "replication-group", group->id,
                "Starting migration operation for target cluster %s with source cluster endpoint "
                "%s and port %d",
                group->id, group->migration.host, (int)group->migration.port);
    group->migration.since_ms = clock_wall_ms();
    try_follow(endpoint, group);
    group_enter(endpoint, group, PHASE_SYNCING, 0);
}

static bool primary_info(struct endpoint *endpoint, struct group *group, struct info *info) {
    AUTO(error_clear) struct error ignored = { 0 };
    return node_info(&endpoint->state, group_primary(group), info, &ignored);
}

static bool link_is_up(const struct info *info) {
    const char *link = info_find(info, "master_link_status");
    return link && strcmp(link, "up") == 0;
}

static bool promote(struct endpoint *endpoint, struct group *group) {
    AUTO(error_clear) struct error ignored = { 0 };
    return node_follow(&endpoint->state, group_primary(group), NULL, 0, &ignored);
}

static void give_up(struct endpoint *endpoint, struct group *group) {
    if (!promote(endpoint, group))
        return;
    bool broke_off = group->migration.tries_count >= TRIES_CEILING;
    state_event(&endpoint->state, "replication-group", group->id,
                "Migration operation failed for replication group %s%s", group->id,
                broke_off ? " because of invalid RDB received" : ".");
    leave(endpoint, group);
}

/* The source knows the primary as a replica: a snapshot is on its way, or about to be made. */
static bool is_attached(struct endpoint *endpoint, struct group *group) {
    AUTO(redis_close) struct redis_connection *source = NULL;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    AUTO(error_clear) struct error ignored = { 0 };
    char address[16];
    node_address(&endpoint->state, group_primary(group), address);
    AUTO(string_free)
    char *entry = xasprintf("ip=%s,port=%d,", address, (int)endpoint->state.node_port);
    return source_open(&group->migration, &source, &ignored) &&
           redis_call(source, REDIS_NOW, &reply, &ignored, "INFO", "replication", NULL) &&
           strstr(redis_text(reply), entry);
}

/* The link does not come up: given up after some transfers that broke off, or a while with none. */
static void follow_up(struct endpoint *endpoint, struct group *group, int64_t now_ms) {
    AUTO(info_clear) struct info info = { 0 };
    struct migration *migration = &group->migration;
    if (!migration->sent)
        try_follow(endpoint, group);
    if (migration->sent && primary_info(endpoint, group, &info)) {
        if (link_is_up(&info)) {
            group_enter(endpoint, group, PHASE_MIGRATING, 0);
            return;
        }
        bool transferring =
            info_int(&info, "master_sync_in_progress", 0) != 0 || is_attached(endpoint, group);
        if (migration->transferring && !transferring)
            migration->tries_count++;
        migration->transferring = transferring;
        if (transferring)
            migration->since_ms = now_ms;
    }
    if (migration->tries_count >= TRIES_CEILING ||
        now_ms >= migration->since_ms + endpoint->pace.give_up_ms)
        give_up(endpoint, group);
}

/* Back to available with the primary still a replica: nothing was promoted, nothing migrates. */
static void revert(struct endpoint *endpoint, struct group *group) {
    state_event(&endpoint->state, "replication-group", group->id,
                "Migration operation failed for replication group %s.", group->id);
    leave(endpoint, group);
}

static void finish_complete(struct endpoint *endpoint, struct group *group) {
    AUTO(info_clear) struct info info = { 0 };
    if (mishap_on_phase(endpoint->dir, MISHAP_REVERT, NULL)) {
        revert(endpoint, group);
        return;
    }
    bool in_sync = !mishap_on_phase(endpoint->dir, MISHAP_NOT_IN_SYNC, NULL) &&
                   primary_info(endpoint, group, &info) && link_is_up(&info) &&
                   info_int(&info, "master_last_io_seconds_ago", -1) >= 0 &&
                   info_int(&info, "master_last_io_seconds_ago", -1) <= SYNC_SILENCE_S;
    if (!group->migration.force && !in_sync) {
        state_event(&endpoint->state, "replication-group", group->id,
                    "Complete Migration failed for %s because data is not in sync", group->id);
        group_enter(endpoint, group, PHASE_MIGRATING, 0);
        return;
    }
    if (!promote(endpoint, group))
        return;
    state_event(&endpoint->state, "replication-group", group->id,
                "Complete Migration successful for %s", group->id);
    leave(endpoint, group);
}

void migration_advance(struct endpoint *endpoint, struct group *group, int64_t now_ms) {
    if (now_ms < group->due_at_ms)
        return;
    switch ((enum group_phase)group->phase) {
    case PHASE_TESTING:
        finish_test(endpoint, group);
        return;
    case PHASE_STARTING:
        start(endpoint, group);
        return;
    case PHASE_SYNCING:
        follow_up(endpoint, group, now_ms);
        return;
    case PHASE_ACCEPTED:
        group_enter(endpoint, group, PHASE_COMPLETING, endpoint->pace.complete_ms);
        return;
    case PHASE_COMPLETING:
        finish_complete(endpoint, group);
        return;
    case PHASE_AVAILABLE:
    case PHASE_CREATING:
    case PHASE_MODIFYING:
    case PHASE_DELETING:
    case PHASE_MIGRATING:
        return;
    }
}
