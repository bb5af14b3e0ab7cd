/* What a step works on: the open handles of one run, and where its events go. One without a journal
 * only looks: it takes nothing over from anybody.
 *
 * Source connections are named ecmig:<epoch>:<run>; opening the source ends, by id, every such
 * connection that is not ours, so that a process which was suspended cannot act on what it knew. A
 * run of another record is not ended: this one stops (mark.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "executor/events.h"
#include "executor/record/approval_policy.h"
#include "executor/record/journal.h"
#include "executor/record/pins.h"
#include "executor/site/many.h"
#include "executor/site/replication.h"
#include "executor/stop.h"
#include "providers/elasticache/elasticache.h"
#include "providers/redis/access.h"
#include "providers/redis/redis.h"
#include "providers/redis/topology.h"
#include "schemas/base/secret.h"
#include "schemas/config/config.h"
#include "schemas/plan/plan.h"

struct site_node {         /* a source server */
    char *address;         /* HOST:PORT */
    char *service_address; /* HOST:PORT that the service is given, as the plan has it (see
                              service_address.h); NULL: the same */
    struct redis_connection *connection;
    size_t shard; /* of site->shards */
    bool is_primary;
    int64_t version;            /* 100 * major + minor, as 602 */
    const char *planned_run_id; /* as the plan saw it; NULL when it did not */
};

struct site_shard { /* of the source; one without cluster mode */
    struct slots slots;
    char *name;     /* for people and records: "0-5460", or "" without cluster mode */
    size_t primary; /* of site->nodes; its replicas follow it there */
};

struct site_group { /* of the target: a node group; one without cluster mode */
    char *id;
    struct slots slots;
    size_t shard; /* of site->shards, by slots; SITE_UNPAIRED until the service has resharded */
};
#define SITE_UNPAIRED SIZE_MAX

struct site_target_node {
    char *address;
    struct redis_connection *connection;
    size_t group; /* of site->groups */
};

struct site;

/* What every wait of a step looks at as well, while the fence stands and before it does. */
struct site_watch {
    void (*beside)(struct site *site); /* also when the wait ends; nothing fails for it */
    bool (*settings)(struct site *site, struct error *err);
};

struct site {
    const struct config *config;
    const char *config_folder;
    const struct plan *plan;
    const char *config_file;   /* as "the next command" takes it, for a shell; or NULL */
    const char *approved_gate; /* on the command line, or NULL */
    const struct strings *accepted_programs;     /* --accept-program; or NULL (record/pins.h) */
    const char *actor;                           /* who runs this, as "ann@build7" */
    struct approval_policy *policy;              /* whose approvals count */
    const struct signing_key *signer, *approver; /* of entries, and of approvals; no key: none */
    struct elasticache *service;
    struct gitstore *store;
    struct journal *journal;
    struct events *events;
    struct stop *stop;
    const struct site_watch *watch; /* NULL: a wait only waits */
    const struct secret *source_password;
    const struct redis_tls *source_tls;       /* NULL: plain */
    const struct redis_access *target_access; /* while the group has TLS, or users; NULL: none */
    const struct secret *auth_token;          /* that the group gets, or NULL */
    bool target_encrypted, target_asks_login; /* as it was last described */
    const char *target_tls, *target_auth;     /* likewise: off, preferred, required; none, token,
                                                 user-group; NULL before */
    struct topology topology;                 /* of the source, as it was when it was opened */
    int64_t cluster_epoch;                    /* the newest, when its views were last compared */
    struct {
        struct site_shard *items; /* by slots; empty until the source was opened */
        size_t count;
    } shards;
    struct {
        struct site_node *items; /* by shard, its primary first; empty until it was opened */
        size_t count;
    } nodes;
    struct strings target_nodes; /* HOST:PORT of every node of the group, as the service names it
                                    and by number; known after either */
    struct {
        struct site_group *items;
        size_t count;
    } groups;
    struct {
        /* without cluster mode the primary endpoint alone, with it every node */
        struct site_target_node *items;
        size_t count;
    } targets;
    char *target_address; /* HOST:PORT of the primary or configuration endpoint */
    char *target_reader;  /* NULL with cluster mode */
    bool target_is_cluster;
    int64_t service_clock_ahead_ms; /* newest event seen before an effect, see site_event_mark */
    struct cutover *cutover;        /* NULL until the critical section */
    struct evictions *evictions;    /* of the source; NULL before the first look */
    struct skipped *skipped;        /* what the target had skipped at first; NULL before the look */
    bool marked;                    /* the group carries the mark of this run (mark.h) */
    int64_t settings_mono_ms;       /* when the raised settings were last read back; 0: never */
    int64_t settings_back_mono_ms;  /* when one had gone back and was set again; 0: never */
    int64_t slots_asked_mono_ms, moved_mono_ms; /* site_watch_unmoved; 0: not yet; unmoved */
    int64_t watched_mono_ms; /* when foreign marks were last looked for; 0: never */
};

enum site_part { SITE_PRIMARIES, SITE_REPLICAS, SITE_NODES, SITE_TARGETS };

/* Connects to these servers, or makes sure that they answer. The source is discovered once, whole;
 * its connections take it over from any earlier process of this migration, and one that was lost is
 * opened anew only after the lock was confirmed. The target is described again when it fails. */
MUST_CHECK bool site_source(struct site *site, enum site_part part, struct error *err);
MUST_CHECK bool site_targets(struct site *site, struct error *err);
/* The connections as they are, in the order of site->nodes or site->targets. */
void site_list(const struct site *site, enum site_part part, struct many *out);
const struct site_node *site_primary(const struct site *site, size_t shard);
/* Of a cluster: it serves the same slots by the same servers as when it was opened, and is well.
 * ERROR_FAILED says what changed. Every primary is asked for its epoch; for its view of the others,
 * which is large, only one of them while no epoch is new, or all when `thorough`. */
MUST_CHECK bool site_is_unmoved(struct site *site, bool thorough, struct error *err);
/* While something is waited for: asks that every other second. ERROR_BLOCKED when it has not been
 * so for 10 s: in a failover the views disagree for a moment. A server that does not answer
 * is asked again. */
MUST_CHECK bool site_watch_unmoved(struct site *site, struct error *err);
/* By its own address, or the one that the service knows it by. */
bool site_node_is(const struct site_node *node, const char *address);
/* What the plan says of the source's servers; an older plan may say less. */
void site_learn_planned(struct site *site);
/* HOST:PORT that the service is given to replicate from. */
const char *site_endpoint(const struct site *site);
/* The nodes of the group, as it was last described; and is this one of them? */
void site_learn_target(struct site *site, const struct replication_group *group);
bool site_is_target(const struct site *site, const char *address);
/* A shard of the source for each node group, or which one is missing (ERROR_NOT_FOUND). */
MUST_CHECK bool site_pair(struct site *site, struct error *err);
size_t site_shard_of(const struct site *site, const struct site_target_node *node);
void site_forget_target(struct site *site); /* its endpoint or connections may have changed */
void site_close(struct site *site);
AUTO_VALUE(struct site, site_close)
MUST_CHECK bool site_describe_target(struct site *site, struct replication_group *group,
                                     struct error *err);
/* HOST:PORT, or NULL where the service gives none; the caller frees. */
char *site_endpoint_text(const struct service_endpoint *endpoint);
/* All of these at once, in their order; NULL for one that failed, whose error is given. */
MUST_CHECK bool site_dial(struct site *site, const struct strings *addresses, const char *name,
                          bool source, struct many *out, struct error *err);
MUST_CHECK bool site_connect(struct site *site, const char *address, const char *name, bool source,
                             struct redis_connection **out, struct error *err);

/* One CONFIG parameter; ERROR_NOT_FOUND when the server does not know it. */
MUST_CHECK bool site_setting(struct redis_connection *node, const char *name, char **value,
                             struct error *err);
/* The programs that the plan of this run approves. */
struct pins site_pins(const struct site *site);
int64_t site_deadline(const struct site *site); /* for one question to one server, from now */
bool site_same_address(const char *left, const char *right); /* by name, or by resolved address */
