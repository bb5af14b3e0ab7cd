/* What the endpoint remembers between down and up: one JSON file, written whole. */
#pragma once

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/json/pairs.h"
#include "schemas/json/shape.h"

struct node {
    char *id; /* the cache cluster's id, as orders-001 */
    bool replica;
    char *zone;
    int64_t subnet, host; /* 127.network.subnet.host */
    char *engine_path;    /* the server binary */
    char *engine_version;
    char *rename; /* prefix of the restricted commands' real names; NULL where nothing is renamed */
    int64_t lost_at_ms; /* seen dead; 0 while well */
};
struct nodes {
    struct node *items;
    size_t count;
};

/* PHASE(symbol, name in the file, status that clients see) */
#define GROUP_PHASES(PHASE)                                                                        \
    PHASE(AVAILABLE, "available", "available")                                                     \
    PHASE(CREATING, "creating", "creating")                                                        \
    PHASE(MODIFYING, "modifying", "modifying")                                                     \
    PHASE(DELETING, "deleting", "deleting")                                                        \
    PHASE(TESTING, "testing", "modifying")                                                         \
    PHASE(STARTING, "starting", "modifying")                                                       \
    PHASE(SYNCING, "syncing", "migrating")                                                         \
    PHASE(MIGRATING, "migrating", "migrating")                                                     \
    PHASE(ACCEPTED, "accepted", "migrating") /* a slow CompleteMigration */                        \
    PHASE(COMPLETING, "completing", "modifying")

enum group_phase {
#define PHASE(symbol, name, status) PHASE_##symbol,
    GROUP_PHASES(PHASE)
#undef PHASE
};
const char *group_status(enum group_phase phase);
struct group;
/* What clients see. */
const char *group_shown_status(const struct group *group);

struct migration {
    char *host; /* NULL when there is none */
    int64_t port;
    bool force;
    int64_t since_ms;    /* start of the wait for the link, by the wall clock */
    int64_t tries_count; /* transfers that broke off */
    bool transferring;   /* at the last look */
    bool sent;           /* REPLICAOF was accepted by the primary */
};

struct group {
    char *id, *description, *region;
    char *engine, *engine_version, *node_type, *parameter_group, *subnet_group;
    struct strings security_groups;
    char *maintenance_window, *snapshot_window;
    int64_t snapshot_retention_days;
    bool automatic_failover, multi_az, transit_encryption, at_rest_encryption, data_tiering;
    bool auto_minor_upgrade;
    struct pairs tags;
    int64_t created_at_ms;
    struct nodes nodes;
    int phase; /* enum group_phase */
    int64_t due_at_ms;
    char *held_status; /* shown instead of the phase's, by a fault; NULL: none */
    struct migration migration;
};

struct parameter_group {
    char *name, *family, *description;
    struct pairs values; /* those that differ from the family's */
};

struct event {
    char *source_id, *source_type, *message;
    int64_t at_ms;
};

struct state {
    int64_t network, node_port, http_port;
    char *source_topology; /* NULL: no source */
    struct nodes source;
    bool seeded;
    int64_t keys_count, writes_per_second;
    struct {
        struct group *items;
        size_t count;
    } groups;
    struct {
        struct parameter_group *items;
        size_t count;
    } parameter_groups;
    struct {
        struct event *items;
        size_t count;
    } events;
};

#define STATE_EVENT_CEILING 2000 /* older ones are forgotten */

/* An absent file is an empty state. */
MUST_CHECK bool state_load(const char *dir, struct state *out, struct error *err);
MUST_CHECK bool state_save(const char *dir, const struct state *state, struct error *err);
MUST_CHECK bool state_parse(const char *bytes, size_t length, struct state *out, struct error *err);
char *state_text(const struct state *state); /* the caller frees */
void state_clear(struct state *state);
AUTO_VALUE(struct state, state_clear)

struct group *state_group(struct state *state, const char *id); /* NULL when absent */
void state_remove_group(struct state *state, struct group *group);
struct parameter_group *state_parameter_group(struct state *state, const char *name);
void state_event(struct state *state, const char *source_type, const char *source_id,
                 const char *format, ...) PRINTF_LIKE(4, 5);
struct node *group_primary(struct group *group);
