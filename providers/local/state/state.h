/* What the endpoint remembers between down and up: one JSON file, written whole. */
#pragma once

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/json/pairs.h"
#include "schemas/json/shape.h"

struct node {
    char *id;      /* the cache cluster's id, as orders-001 or orders-0001-001 */
    int64_t shard; /* index of its shard */
    bool replica;
    bool sentinel;
    char *cluster_id; /* in its own cluster; NULL without cluster mode */
    char *zone;
    int64_t subnet, host; /* 127.network.subnet.host */
    bool moved;           /* to the second of its two addresses */
    char *engine_path;    /* the server binary */
    char *engine_version;
    char *rename; /* prefix of the restricted commands' real names; NULL where nothing is renamed */
    int64_t lost_at_ms; /* seen dead; 0 while well */
};
struct nodes {
    struct node *items;
    size_t count;
};

/* Without cluster mode there is one, without slots. */
struct shard {
    char *id;    /* 0001 and on */
    char *slots; /* as "0-5460,9000"; NULL without cluster mode */
    /* While it migrates: the server of the customer that its primary follows. */
    char *source_host;
    int64_t source_port;
    char *source_id;     /* in the customer's cluster */
    int64_t tries_count; /* transfers that broke off */
    bool transferring;   /* at the last look */
};
struct shards {
    struct shard *items;
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
    PHASE(RESHARDING, "resharding", "migrating")                                                   \
    PHASE(SYNCING, "syncing", "migrating")                                                         \
    PHASE(MIGRATING, "migrating", "migrating")                                                     \
    PHASE(ACCEPTED, "accepted", "migrating") /* a slow CompleteMigration */                        \
    PHASE(COMPLETING, "completing", "modifying")                                                   \
    PHASE(PROMOTED, "promoted", "modifying") /* replicas find their primaries */

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
    int64_t since_ms; /* start of the wait for the links, by the wall clock */
    int64_t up_count; /* links, at the last look */
    bool sent;        /* the primaries were told to follow */
    bool broken;      /* gives up: the group goes back to what it was */
};

enum transit { TRANSIT_OFF, TRANSIT_PREFERRED, TRANSIT_REQUIRED };
/* "off", "preferred" and "required". */
const char *transit_name(enum transit transit);
MUST_CHECK bool transit_parse(const char *name, enum transit *out);

/* Who may log in. Passwords are kept as the servers keep them: SHA-256 in hexadecimal. */
struct access {
    struct strings tokens; /* AUTH tokens, the newest last */
    bool token_optional;   /* after the first ROTATE */
    struct strings user_groups;
};
bool access_is_on(const struct access *access);

struct group {
    char *id, *description, *region;
    char *engine, *engine_version, *node_type, *parameter_group, *subnet_group;
    struct strings security_groups;
    char *maintenance_window;
    struct pairs kept;  /* by the names of target_properties.def: those that are only told */
    char *transit_mode; /* preferred or required, while transit_encryption */
    /* What it will be when it is no longer being modified; NULL and false: as it is. */
    char *wanted_transit;
    int64_t moved_at_ms; /* its replicas have yet to come back; 0: they need not be waited for */
    struct access access, wanted_access;
    bool access_changes;
    char *secret; /* password of the user that nodes and endpoint log in as */
    char *durability, *wanted_durability; /* as asked for; NULL: never */
    int64_t snapshot_retention_days;
    bool automatic_failover, multi_az, transit_encryption, at_rest_encryption, data_tiering;
    bool auto_minor_upgrade;
    struct pairs tags;
    int64_t created_at_ms;
    bool cluster; /* cluster mode */
    struct shards shards;
    struct nodes nodes; /* by shard, the first of each being its primary at creation */
    int phase;          /* enum group_phase */
    int64_t due_at_ms;
    char *held_status; /* shown instead of the phase's, by a fault; NULL: none */
    struct migration migration;
};

struct user {
    char *id, *name, *engine, *access_string;
    struct strings passwords; /* as in struct access */
    bool no_password;
};

struct user_group {
    char *id, *engine;
    struct strings user_ids;
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
    struct shards source_shards;
    struct nodes sentinels;
    int64_t down_after_ms; /* of the source: Sentinel's, or the cluster's node timeout; 0: stock */
    bool seeded;
    int64_t keys_count, writes_per_second;
    char *tls_ca_file; /* the authority of the nodes' certificates; NULL: there is none */
    struct {
        struct user *items;
        size_t count;
    } users;
    struct {
        struct user_group *items;
        size_t count;
    } user_groups;
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
enum transit group_transit(const struct group *group);
bool group_is_durable(const struct group *group); /* sync or async */
/* The group whose list the node is in; NULL for a node of the source. */
const struct group *state_group_of(const struct state *state, const struct node *node);
struct user *state_user(const struct state *state, const char *id); /* NULL when absent */
struct user_group *state_user_group(const struct state *state,
                                    const char *id); /* NULL when absent */
void state_remove_user(struct state *state, struct user *user);
void state_remove_user_group(struct state *state, struct user_group *group);
void access_copy(struct access *to, const struct access *from);
void access_clear(struct access *access);
AUTO_VALUE(struct access, access_clear)
void state_remove_group(struct state *state, struct group *group);
struct parameter_group *state_parameter_group(struct state *state, const char *name);
void state_remove_parameter_group(struct state *state, const char *name);
void state_event(struct state *state, const char *source_type, const char *source_id,
                 const char *format, ...) PRINTF_LIKE(4, 5);
const struct node *shard_primary(const struct nodes *nodes, int64_t shard); /* NULL when none */
void shards_add(struct shards *shards, const char *slots); /* gives it the next id */
void shard_forget_source(struct shard *shard);
const struct node *nodes_find(const struct nodes *nodes, const char *id); /* NULL when absent */
/* Among all nodes of the state. */
const struct node *state_node(const struct state *state, const char *id);
