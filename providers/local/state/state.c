#include "providers/local/state/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define STATE_FILE "state.json"
#define STATE_CEILING_BYTES ((size_t)16 << 20)

static const char *const phase_names[] = {
#define PHASE(symbol, name, status) name,
    GROUP_PHASES(PHASE)
#undef PHASE
        NULL,
};
static const char *const phase_statuses[] = {
#define PHASE(symbol, name, status) status,
    GROUP_PHASES(PHASE)
#undef PHASE
};

static const struct shape_field node_rows[] = {
    FIELD(struct node, id, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct node, shard, SHAPE_INT),
    FIELD(struct node, replica, SHAPE_BOOL),
    FIELD(struct node, sentinel, SHAPE_BOOL),
    FIELD(struct node, cluster_id, SHAPE_STRING),
    FIELD(struct node, zone, SHAPE_STRING),
    FIELD(struct node, subnet, SHAPE_INT, .flags = SHAPE_REQUIRED),
    FIELD(struct node, host, SHAPE_INT, .flags = SHAPE_REQUIRED),
    FIELD(struct node, moved, SHAPE_BOOL),
    FIELD(struct node, engine_path, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct node, engine_version, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct node, rename, SHAPE_STRING),
    FIELD(struct node, lost_at_ms, SHAPE_INT),
};
static const struct shape node_shape = SHAPE("node", struct node, node_rows);

static const struct shape_field shard_rows[] = {
    FIELD(struct shard, id, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct shard, slots, SHAPE_STRING),
    FIELD(struct shard, source_host, SHAPE_STRING),
    FIELD(struct shard, source_port, SHAPE_INT),
    FIELD(struct shard, source_id, SHAPE_STRING),
    FIELD(struct shard, tries_count, SHAPE_INT),
    FIELD(struct shard, transferring, SHAPE_BOOL),
};
static const struct shape shard_shape = SHAPE("shard", struct shard, shard_rows);

static const struct shape_field migration_rows[] = {
    FIELD(struct migration, host, SHAPE_STRING), FIELD(struct migration, port, SHAPE_INT),
    FIELD(struct migration, force, SHAPE_BOOL),  FIELD(struct migration, since_ms, SHAPE_INT),
    FIELD(struct migration, sent, SHAPE_BOOL),   FIELD(struct migration, broken, SHAPE_BOOL),
};
static const struct shape migration_shape = SHAPE("migration", struct migration, migration_rows);

static const struct shape_field access_rows[] = {
    FIELD(struct access, tokens, SHAPE_STRINGS),
    FIELD(struct access, token_optional, SHAPE_BOOL),
    FIELD(struct access, user_groups, SHAPE_STRINGS),
};
static const struct shape access_shape = SHAPE("access", struct access, access_rows);

static const struct shape_field user_rows[] = {
    FIELD(struct user, id, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct user, name, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct user, engine, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct user, access_string, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct user, passwords, SHAPE_STRINGS),
    FIELD(struct user, no_password, SHAPE_BOOL),
};
static const struct shape user_shape = SHAPE("user", struct user, user_rows);

static const struct shape_field user_group_rows[] = {
    FIELD(struct user_group, id, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct user_group, engine, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct user_group, user_ids, SHAPE_STRINGS),
};
static const struct shape user_group_shape =
    SHAPE("user group", struct user_group, user_group_rows);

static const struct shape_field group_rows[] = {
    FIELD(struct group, id, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct group, description, SHAPE_STRING),
    FIELD(struct group, region, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct group, engine, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct group, engine_version, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct group, node_type, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct group, parameter_group, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct group, subnet_group, SHAPE_STRING),
    FIELD(struct group, security_groups, SHAPE_STRINGS),
    FIELD(struct group, maintenance_window, SHAPE_STRING),
    FIELD(struct group, kept, SHAPE_LIST, .shape = &pair_shape),
    FIELD(struct group, transit_mode, SHAPE_STRING),
    FIELD(struct group, wanted_transit, SHAPE_STRING),
    FIELD(struct group, moved_at_ms, SHAPE_INT),
    FIELD(struct group, access, SHAPE_STRUCT, .shape = &access_shape),
    FIELD(struct group, wanted_access, SHAPE_STRUCT, .shape = &access_shape),
    FIELD(struct group, access_changes, SHAPE_BOOL),
    FIELD(struct group, secret, SHAPE_STRING),
    FIELD(struct group, durability, SHAPE_STRING),
    FIELD(struct group, wanted_durability, SHAPE_STRING),
    FIELD(struct group, snapshot_retention_days, SHAPE_INT),
    FIELD(struct group, automatic_failover, SHAPE_BOOL),
    FIELD(struct group, multi_az, SHAPE_BOOL),
    FIELD(struct group, transit_encryption, SHAPE_BOOL),
    FIELD(struct group, at_rest_encryption, SHAPE_BOOL),
    FIELD(struct group, data_tiering, SHAPE_BOOL),
    FIELD(struct group, auto_minor_upgrade, SHAPE_BOOL),
    FIELD(struct group, tags, SHAPE_LIST, .shape = &pair_shape),
    FIELD(struct group, created_at_ms, SHAPE_INT),
    FIELD(struct group, cluster, SHAPE_BOOL),
    FIELD(struct group, shards, SHAPE_LIST, .shape = &shard_shape),
    FIELD(struct group, nodes, SHAPE_LIST, .shape = &node_shape),
    FIELD(struct group, phase, SHAPE_CHOICE, .choices = phase_names, .flags = SHAPE_REQUIRED),
    FIELD(struct group, due_at_ms, SHAPE_INT),
    FIELD(struct group, held_status, SHAPE_STRING),
    FIELD(struct group, migration, SHAPE_STRUCT, .shape = &migration_shape),
};
static const struct shape group_shape = SHAPE("group", struct group, group_rows);

static const struct shape_field parameter_group_rows[] = {
    FIELD(struct parameter_group, name, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct parameter_group, family, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct parameter_group, description, SHAPE_STRING),
    FIELD(struct parameter_group, values, SHAPE_LIST, .shape = &pair_shape),
};
static const struct shape parameter_group_shape =
    SHAPE("parameter group", struct parameter_group, parameter_group_rows);

static const struct shape_field event_rows[] = {
    FIELD(struct event, source_id, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct event, source_type, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct event, message, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct event, at_ms, SHAPE_INT, .flags = SHAPE_REQUIRED),
};
static const struct shape event_shape = SHAPE("event", struct event, event_rows);

static const struct shape_field state_rows[] = {
    FIELD(struct state, network, SHAPE_INT),
    FIELD(struct state, node_port, SHAPE_INT),
    FIELD(struct state, http_port, SHAPE_INT),
    FIELD(struct state, source_topology, SHAPE_STRING),
    FIELD(struct state, source, SHAPE_LIST, .shape = &node_shape),
    FIELD(struct state, source_shards, SHAPE_LIST, .shape = &shard_shape),
    FIELD(struct state, sentinels, SHAPE_LIST, .shape = &node_shape),
    FIELD(struct state, down_after_ms, SHAPE_INT),
    FIELD(struct state, seeded, SHAPE_BOOL),
    FIELD(struct state, keys_count, SHAPE_INT),
    FIELD(struct state, writes_per_second, SHAPE_INT),
    FIELD(struct state, tls_ca_file, SHAPE_STRING),
    FIELD(struct state, users, SHAPE_LIST, .shape = &user_shape),
    FIELD(struct state, user_groups, SHAPE_LIST, .shape = &user_group_shape),
    FIELD(struct state, groups, SHAPE_LIST, .shape = &group_shape),
    FIELD(struct state, parameter_groups, SHAPE_LIST, .shape = &parameter_group_shape),
    FIELD(struct state, events, SHAPE_LIST, .shape = &event_shape),
};
static const struct shape state_shape = SHAPE("local endpoint", struct state, state_rows);

const char *group_status(enum group_phase phase) {
    return phase_statuses[phase];
}

const char *group_shown_status(const struct group *group) {
    return group->held_status ? group->held_status : group_status((enum group_phase)group->phase);
}

bool state_parse(const char *bytes, size_t length, struct state *out, struct error *err) {
    AUTO(json_free) struct json *json = NULL;
    AUTO(state_clear) struct state state = { 0 };
    if (!json_parse(bytes, length, STATE_FILE, &json, err) ||
        !shape_read(&state_shape, json, &state, err))
        return false;
    for (size_t i = 0; i < state.groups.count; i++)
        if (!state.groups.items[i].shards.count) /* of a version without cluster mode */
            shards_add(&state.groups.items[i].shards, NULL);
    *out = MOVE(state);
    return true;
}

bool state_load(const char *dir, struct state *out, struct error *err) {
    AUTO(string_free) char *path = path_join(dir, STATE_FILE);
    AUTO(text_clear) struct text bytes = { 0 };
    if (!path_exists(path)) {
        *out = (struct state){ 0 };
        return true;
    }
    if (!file_read(path, STATE_CEILING_BYTES, &bytes, err))
        return false;
    return state_parse(text_string(&bytes), bytes.length, out, err);
}

char *state_text(const struct state *state) {
    AUTO(json_free) struct json *json = shape_write(&state_shape, state);
    return json_write(json, JSON_PRETTY);
}

bool state_save(const char *dir, const struct state *state, struct error *err) {
    AUTO(string_free) char *path = path_join(dir, STATE_FILE);
    AUTO(string_free) char *bytes = state_text(state);
    return file_write(path, bytes, strlen(bytes), 0600, err);
}

void state_clear(struct state *state) {
    if (state)
        shape_clear(&state_shape, state);
}

struct group *state_group(struct state *state, const char *id) {
    for (size_t i = 0; i < state->groups.count; i++)
        if (strcasecmp(state->groups.items[i].id, id) == 0)
            return &state->groups.items[i];
    return NULL;
}

void state_remove_group(struct state *state, struct group *group) {
    size_t at = (size_t)(group - state->groups.items);
    shape_clear(&group_shape, group);
    memmove(group, group + 1, (state->groups.count - at - 1) * sizeof *group);
    state->groups.count--;
}

void state_remove_user(struct state *state, struct user *user) {
    size_t at = (size_t)(user - state->users.items);
    shape_clear(&user_shape, user);
    memmove(user, user + 1, (state->users.count - at - 1) * sizeof *user);
    state->users.count--;
}

void state_remove_user_group(struct state *state, struct user_group *group) {
    size_t at = (size_t)(group - state->user_groups.items);
    shape_clear(&user_group_shape, group);
    memmove(group, group + 1, (state->user_groups.count - at - 1) * sizeof *group);
    state->user_groups.count--;
}

struct parameter_group *state_parameter_group(struct state *state, const char *name) {
    for (size_t i = 0; i < state->parameter_groups.count; i++)
        if (strcasecmp(state->parameter_groups.items[i].name, name) == 0)
            return &state->parameter_groups.items[i];
    return NULL;
}

void state_remove_parameter_group(struct state *state, const char *name) {
    struct parameter_group *group = state_parameter_group(state, name);
    if (!group)
        return;
    size_t after =
        state->parameter_groups.count - 1 - (size_t)(group - state->parameter_groups.items);
    shape_clear(&parameter_group_shape, group);
    memmove(group, group + 1, after * sizeof *group);
    state->parameter_groups.count--;
}

static void forget_oldest(struct state *state) {
    shape_clear(&event_shape, &state->events.items[0]);
    state->events.count--;
    memmove(state->events.items, state->events.items + 1,
            state->events.count * sizeof *state->events.items);
}

void state_event(struct state *state, const char *source_type, const char *source_id,
                 const char *format, ...) {
    if (state->events.count >= STATE_EVENT_CEILING)
        forget_oldest(state);
    struct event *event = LIST_ADD(&state->events);
    event->source_type = xstrdup(source_type);
    event->source_id = xstrdup(source_id);
    event->at_ms = clock_wall_ms();
    va_list arguments;
    va_start(arguments, format);
    event->message = xvasprintf(format, arguments);
    va_end(arguments);
}

const struct node *shard_primary(const struct nodes *nodes, int64_t shard) {
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->items[i].shard == shard && !nodes->items[i].replica)
            return &nodes->items[i];
    return NULL;
}

void shards_add(struct shards *shards, const char *slots) {
    struct shard *shard = LIST_ADD(shards);
    shard->id = xasprintf("%04d", (int)shards->count);
    shard->slots = xstrdup(slots);
}

void shard_forget_source(struct shard *shard) {
    free(shard->source_host);
    free(shard->source_id);
    *shard = (struct shard){ .id = shard->id, .slots = shard->slots };
}

const struct node *nodes_find(const struct nodes *nodes, const char *id) {
    for (size_t i = 0; i < nodes->count; i++)
        if (strcmp(nodes->items[i].id, id) == 0)
            return &nodes->items[i];
    return NULL;
}

const struct node *state_node(const struct state *state, const char *id) {
    const struct node *node = nodes_find(&state->source, id);
    if (!node)
        node = nodes_find(&state->sentinels, id);
    for (size_t i = 0; !node && i < state->groups.count; i++)
        node = nodes_find(&state->groups.items[i].nodes, id);
    return node;
}
