/* What a step works on: the open handles of one run, and where its events go.
 *
 * Source connections are named ecmig:<epoch>; opening the source ends, by id, every connection of
 * that name that is not ours, so that a process which was suspended cannot act on what it knew. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "executor/events.h"
#include "executor/journal.h"
#include "executor/replication.h"
#include "executor/stop.h"
#include "providers/elasticache/elasticache.h"
#include "providers/redis/redis.h"
#include "schemas/base/secret.h"
#include "schemas/config/config.h"
#include "schemas/plan/plan.h"

struct site_node {
    char *address; /* HOST:PORT */
    struct redis_connection *connection;
    bool is_primary;
    int64_t version; /* 100 * major + minor, as 602 */
};

struct site {
    const struct config *config;
    const char *config_folder;
    const struct plan *plan;
    const char *config_file;   /* as given, for "the next command"; NULL when a plan was given */
    const char *approved_gate; /* on the command line, or NULL */
    const char *actor;         /* who runs this, as "ann@build7" */
    struct elasticache *service;
    struct gitstore *store;
    struct journal *journal;
    struct events *events;
    struct stop *stop;
    const struct secret *source_password;
    struct {
        struct site_node *items; /* the primary first; empty until site_source */
        size_t count;
    } nodes;
    struct strings target_nodes; /* HOST:PORT of every node of the group; known after site_target */
    struct redis_connection *target; /* NULL until site_target */
    char *target_address;            /* HOST:PORT of the group's primary endpoint */
    char *target_reader;
    int64_t service_clock_ahead_ms; /* newest event seen before an effect, see site_event_mark */
    struct cutover *cutover;        /* NULL until the critical section */
};

/* Connects to the configured node and the replicas it names, and takes the source over from any
 * earlier process of this migration. Does nothing when that is done. */
MUST_CHECK bool site_source(struct site *site, struct error *err);
/* The primary's connection (after site_source), reopened when it failed: then the lock is confirmed
 * first. */
MUST_CHECK bool site_primary(struct site *site, struct redis_connection **out, struct error *err);
int64_t site_version(const struct site *site, const char *address); /* 0 when unknown */
MUST_CHECK bool site_node(struct site *site, const char *address, struct redis_connection **out,
                          struct error *err);
/* Every source node, replicas first; reconnects what failed. The list is valid until site_close. */
MUST_CHECK bool site_all_nodes(struct site *site, struct error *err);
/* The target's primary, by the endpoint that the service names. */
MUST_CHECK bool site_target(struct site *site, struct redis_connection **out, struct error *err);
/* Is this one of the group's nodes, as the service named them when the source was opened? */
bool site_is_target(const struct site *site, const char *address);
void site_forget_target(struct site *site); /* its endpoint or connection may have changed */
void site_close(struct site *site);
AUTO_VALUE(struct site, site_close)

/* One CONFIG parameter; ERROR_NOT_FOUND when the server does not know it. */
MUST_CHECK bool site_setting(struct redis_connection *node, const char *name, char **value,
                             struct error *err);
/* Sets it and reads it back. */
MUST_CHECK bool site_set(struct redis_connection *node, const char *name, const char *value,
                         struct error *err);
int64_t site_deadline(const struct site *site); /* for one question to one server, from now */
bool site_same_address(const char *left, const char *right); /* by name, or by resolved address */
