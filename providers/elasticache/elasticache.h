/* The ElastiCache service, by the few verbs a migration needs.
 *
 * Signed Query calls over HTTP. Reads are retried (standard mode, with jitter); calls that act are
 * not sent twice: when an answer was lost the error is ERROR_LOST_ANSWER and the caller observes
 * the group. Errors carry the service's code as remote_code, and the request id in the message.
 * ERROR_CREDENTIALS, ERROR_ACCESS_DENIED (names the action), ERROR_NOT_FOUND, ERROR_THROTTLED,
 * ERROR_SERVICE (any other refusal), ERROR_UNREACHABLE, ERROR_DEADLINE, ERROR_FORMAT. A deadline
 * that leaves less than an answer needs costs a call that acts its answer, not its effect. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/secret.h"
#include "schemas/base/strings.h"
#include "schemas/config/config.h"
#include "schemas/json/pairs.h"

struct elasticache;

struct elasticache_options {
    const char *region, *endpoint_url, *profile; /* NULL: from the AWS configuration */
};

/* Resolves region, endpoint and credentials. Only credentials that somebody hands out (STS, SSO, a
 * program, the metadata of a machine) need to be asked for, within 30 s; they are asked for again
 * when they come near their end. ERROR_CREDENTIALS; ERROR_CONFIG for the region or endpoint;
 * ERROR_FORMAT for a shared file. */
MUST_CHECK bool elasticache_open(const struct elasticache_options *options,
                                 struct elasticache **out, struct error *err);
void elasticache_close(struct elasticache *service);
AUTO_POINTER(struct elasticache, elasticache_close)

/* What the environment or the shared files give in place of the service's own, without asking
 * anybody. */
struct elasticache_given {
    char *profile;          /* AWS_PROFILE, where `options` have none; NULL: nobody names one */
    struct pairs endpoints; /* "elasticache", "iam", "sts" -> URL; not that of `options` */
};
/* ERROR_CREDENTIALS, ERROR_CONFIG, ERROR_FORMAT, ERROR_IO: elasticache_open fails likewise. */
MUST_CHECK bool elasticache_look(const struct elasticache_options *options,
                                 struct elasticache_given *out, struct error *err);
void elasticache_given_clear(struct elasticache_given *given);
AUTO_VALUE(struct elasticache_given, elasticache_given_clear)
const char *elasticache_region(const struct elasticache *service);
bool elasticache_is_local(const struct elasticache *service); /* a loopback endpoint */
/* Would it be one? Also where it cannot be opened, for want of keys or a region. */
bool elasticache_would_be_local(const struct elasticache_options *options);
/* The service's clock minus ours, as its last answer showed it; 0 before there is one. */
int64_t elasticache_clock_ahead_ms(const struct elasticache *service);
const char *elasticache_endpoint(const struct elasticache *service);
/* "StartMigration ID": the calls that act and were accepted since this was last asked for, at most
 * ELASTICACHE_REQUEST_CEILING of them, with the service's name for each request. A refusal's id is
 * in its message. */
#define ELASTICACHE_REQUEST_CEILING 100
void elasticache_take_requests(struct elasticache *service, struct strings *out);

/* Every sending of a request and what came back, shown to one watcher: for a trace. Headers, and
 * with them signatures and keys, are not. What hands out credentials is not shown. Set before the
 * first call; NULL ends it. */
struct service_exchange {
    const char *service, *action, *host; /* "elasticache", "StartMigration", as in Host: */
    int attempt;
    const char *body; /* form-encoded */
    size_t body_length;
    long status; /* 0: no answer */
    const char *answer;
    size_t answer_length;
    const struct error *problem; /* without an answer: why */
    int64_t sent_mono_ms, ended_mono_ms;
};
void elasticache_watch(void (*seen)(void *context, const struct service_exchange *exchange),
                       void *context);

struct service_identity {
    char *account, *arn;
};
MUST_CHECK bool elasticache_identity(struct elasticache *service, int64_t deadline_mono_ms,
                                     struct service_identity *out, struct error *err);
void service_identity_clear(struct service_identity *identity);
AUTO_VALUE(struct service_identity, service_identity_clear)

struct rights_question {
    const char *caller; /* an ARN of elasticache_identity */
    const struct strings *actions;
    const char *resource;
};
struct service_rights {
    struct strings denied;  /* as "elasticache:StartMigration": nothing allows it, or a deny */
    struct strings unclear; /* likewise, but by a condition on what is not known beforehand */
};
/* What the policies of the caller say of `actions` on `resource`;
 * both lists in the order of `actions`. Nobody is asked about the root of an account, which may do
 * it all. ERROR_NOT_FOUND also for a caller whose policies have no name: a federated user, a role
 * with a path. Policies that need more than IAM to be evaluated can make it err either way. */
MUST_CHECK bool elasticache_simulate(struct elasticache *service,
                                     const struct rights_question *question,
                                     int64_t deadline_mono_ms, struct service_rights *out,
                                     struct error *err);
void service_rights_clear(struct service_rights *rights);
AUTO_VALUE(struct service_rights, service_rights_clear)

struct service_endpoint {
    char *host; /* NULL when absent */
    int64_t port;
};

struct service_node {
    char *cluster_id, *role,
        *zone; /* role: primary, replica, or NULL where the service does not say */
    struct service_endpoint endpoint;
};

struct service_shard {
    char *id, *status, *slots;
    struct service_endpoint primary, reader;
    struct {
        struct service_node *items;
        size_t count;
    } nodes;
};

struct replication_group {
    char *id, *status, *arn, *engine, *node_type, *description;
    char *automatic_failover, *data_tiering, *effective_durability;
    char *global_datastore, *cluster_mode, *transit_mode;
    struct pairs properties; /* by the names of target_properties.def, those of the group */
    bool cluster_enabled, auth_token, transit_encryption, at_rest_encryption;
    int64_t snapshot_retention_days;
    struct strings user_groups, member_clusters;
    bool pending_changes; /* PendingModifiedValues is not empty */
    bool outpost;         /* some of its nodes are on one */
    char *pending;        /* "TransitEncryptionMode preferred, …", or NULL */
    struct service_endpoint configuration;
    struct {
        struct service_shard *items;
        size_t count;
    } shards;
};
/* ERROR_NOT_FOUND when there is none of that name. */
MUST_CHECK bool elasticache_describe(struct elasticache *service, const char *group,
                                     int64_t deadline_mono_ms, struct replication_group *out,
                                     struct error *err);
/* With cluster mode a group's own description has no addresses of nodes: fills in those that are
 * missing, from all the cache clusters of the account. A node that is being made stays without. */
MUST_CHECK bool elasticache_find_nodes(struct elasticache *service, int64_t deadline_mono_ms,
                                       struct replication_group *group, struct error *err);
void replication_group_clear(struct replication_group *group);
AUTO_VALUE(struct replication_group, replication_group_clear)

struct cache_cluster {
    char *id, *status, *engine, *parameter_group, *maintenance_window, *node_type;
    struct pairs properties;        /* by the names of target_properties.def, those of a member */
    struct strings security_groups; /* sorted */
};
MUST_CHECK bool elasticache_describe_cluster(struct elasticache *service, const char *cluster,
                                             int64_t deadline_mono_ms, struct cache_cluster *out,
                                             struct error *err);
void cache_cluster_clear(struct cache_cluster *cluster);
AUTO_VALUE(struct cache_cluster, cache_cluster_clear)

/* All pages. A node-type specific value (maxmemory) is given for `node_type`. */
MUST_CHECK bool elasticache_parameters(struct elasticache *service, const char *parameter_group,
                                       const char *node_type, int64_t deadline_mono_ms,
                                       struct pairs *out, struct error *err);
/* What the service calls the family of parameter groups of that engine. */
const char *elasticache_family(const char *engine, const char *version);
/* Of these values, the ones that no parameter group of that family takes: "NAME: why", in order.
 * Values out of a list of words are judged; what a number may be is left to the service. */
MUST_CHECK bool elasticache_refused_parameters(struct elasticache *service,
                                               const char *parameter_group,
                                               const struct pairs *wanted, int64_t deadline_mono_ms,
                                               struct strings *out, struct error *err);
MUST_CHECK bool elasticache_tags(struct elasticache *service, const char *arn,
                                 int64_t deadline_mono_ms, struct pairs *out, struct error *err);
/* "7.0.7" … as offered, for one engine. */
MUST_CHECK bool elasticache_versions(struct elasticache *service, const char *engine,
                                     int64_t deadline_mono_ms, struct strings *out,
                                     struct error *err);
/* Service updates that are not through for the group: name and status, as "not-applied". */
MUST_CHECK bool elasticache_updates(struct elasticache *service, const char *group,
                                    int64_t deadline_mono_ms, struct pairs *out, struct error *err);
struct serverless_cache {
    bool exists;
    char *status, *engine, *version; /* AVAILABLE; "8.1.2", or "8" where no more is told */
    struct service_endpoint endpoint;
    /* Of its MigrationSummary, NULL without one; their values are not documented. */
    char *migration_status, *cutover_mode, *migration_endpoint;
};
/* None of that name is an answer as well: `exists` is false. */
MUST_CHECK bool elasticache_serverless(struct elasticache *service, const char *name,
                                       int64_t deadline_mono_ms, struct serverless_cache *out,
                                       struct error *err);
void serverless_cache_clear(struct serverless_cache *cache);
AUTO_VALUE(struct serverless_cache, serverless_cache_clear)

struct service_event {
    int64_t at_ms; /* the service's clock */
    char *message;
};
struct service_events {
    struct service_event *items; /* oldest first, duplicates removed */
    size_t count;
};
/* Events of the group at or after since_ms (0: the last hour). */
MUST_CHECK bool elasticache_events(struct elasticache *service, const char *group, int64_t since_ms,
                                   int64_t deadline_mono_ms, struct service_events *out,
                                   struct error *err);
void service_events_clear(struct service_events *events);
AUTO_VALUE(struct service_events, service_events_clear)
enum migration_event {
    MIGRATION_EVENT_OTHER,
    MIGRATION_EVENT_STARTED,
    MIGRATION_EVENT_SUCCEEDED,          /* a start or operation succeeded */
    MIGRATION_EVENT_COMPLETE_SUCCEEDED, /* CompleteMigration has finished */
    MIGRATION_EVENT_TEST_SUCCEEDED,
    MIGRATION_EVENT_FAILED, /* of any of the calls */
};
enum migration_event elasticache_classify(const char *message); /* pure; the texts: README.md */

/* Calls that act.
 *
 * `target` is the wanted shape. Encryption in transit is off, because it must be while migrating;
 * at rest it is on for valkey and off for redis, as the service's own defaults are. What is left
 * open becomes one shard, one replica, and Multi-AZ wherever there are replicas.
 *
 * `slots` are those of each shard, in order, as "0-5460", and mean cluster mode also with one
 * shard; all slots must be there. (The service documents one range for a shard.) NULL leaves them
 * to the service, which splits evenly, and then one shard is without cluster mode.
 *
 * A parameter group '<replication group>-ecmig' with target.parameters is made first, or taken over
 * when it is there with our description (an earlier attempt's; anybody else's is ERROR_CONFLICT):
 * the service's default groups cannot be changed later. Tags of the run are sent with the creation
 * and overrule the file's; the description says the same. */
MUST_CHECK bool elasticache_create(struct elasticache *service, const struct config_target *target,
                                   const struct strings *slots, const struct pairs *run_tags,
                                   int64_t deadline_mono_ms, struct error *err);
struct group_change {
    const struct config_target *wanted; /* what it leaves open stays as it is */
    /* Its engine, engine_version and cluster mode say which parameter group fits when one of its
     * own is wanted or wanted->parameters are given, for which a group is made or taken over as by
     * elasticache_create. */
    const struct config_target *present;
    bool cluster_mode, own_parameter_group;
    const struct pairs *run_tags;
    int64_t snapshot_retention_days; /* 0: as it is */
};
/* At once, not in the maintenance window. */
MUST_CHECK bool elasticache_modify(struct elasticache *service, const struct group_change *change,
                                   int64_t deadline_mono_ms, struct error *err);
/* So many in each shard afterwards, more than there are; without an interruption. */
MUST_CHECK bool elasticache_add_replicas(struct elasticache *service, const char *group,
                                         int64_t replicas_per_shard, int64_t deadline_mono_ms,
                                         struct error *err);
/* TransitEncryptionMode: preferred, then required; or back by way of preferred to "off". The
 * service takes it only immediately. */
MUST_CHECK bool elasticache_encrypt(struct elasticache *service, const char *group,
                                    const char *mode, int64_t deadline_mono_ms, struct error *err);
struct group_auth {
    const struct strings *user_groups; /* to add; NULL: none */
    bool no_user_groups;               /* removes all */
    const char *strategy;              /* of a token: ROTATE, SET; DELETE with a user group; NULL */
    const struct secret *token;        /* with ROTATE and SET */
};
/* The token is in the body of the request alone, which is wiped. */
MUST_CHECK bool elasticache_authenticate(struct elasticache *service, const char *group,
                                         const struct group_auth *auth, int64_t deadline_mono_ms,
                                         struct error *err);
/* sync, async or disabled; the service wants it in a call of its own. */
MUST_CHECK bool elasticache_make_durable(struct elasticache *service, const char *group,
                                         const char *durability, int64_t deadline_mono_ms,
                                         struct error *err);
MUST_CHECK bool elasticache_tag(struct elasticache *service, const char *arn,
                                const struct pairs *tags, int64_t deadline_mono_ms,
                                struct error *err);
MUST_CHECK bool elasticache_test(struct elasticache *service, const char *group, const char *host,
                                 uint16_t port, int64_t deadline_mono_ms, struct error *err);
MUST_CHECK bool elasticache_start(struct elasticache *service, const char *group, const char *host,
                                  uint16_t port, int64_t deadline_mono_ms, struct error *err);
/* To a serverless cache, in the service's own order: prepare (rolled back by the service where a
 * requirement is not met), start, and stop while it syncs, else InvalidServerlessCacheStateFault or
 * ServerlessCacheNotUnderMigrationFault. No plan sends these. */
struct serverless_source {
    const char *host;
    uint16_t port;
    const char *secret_arn;                 /* in Secrets Manager; NULL: no password */
    const char *tls_mode, *tls_certificate; /* "none", "verify-ca"; NULL: the service's default */
};
struct serverless_start {
    bool auto_cutover; /* else CompleteMigration cuts over */
    bool clear_target;
};
MUST_CHECK bool elasticache_prepare(struct elasticache *service, const char *cache,
                                    const struct serverless_source *source,
                                    int64_t deadline_mono_ms, struct error *err);
MUST_CHECK bool elasticache_start_serverless(struct elasticache *service, const char *cache,
                                             const struct serverless_start *start,
                                             int64_t deadline_mono_ms, struct error *err);
MUST_CHECK bool elasticache_stop(struct elasticache *service, const char *cache,
                                 int64_t deadline_mono_ms, struct error *err);
/* Without a last snapshot. ERROR_NOT_FOUND when it is gone. */
MUST_CHECK bool elasticache_delete(struct elasticache *service, const char *group,
                                   int64_t deadline_mono_ms, struct error *err);
/* The parameter group that elasticache_create made for a group; anybody else's is left alone, and
 * none is fine. */
MUST_CHECK bool elasticache_delete_parameters(struct elasticache *service,
                                              const char *replication_group,
                                              int64_t deadline_mono_ms, struct error *err);
/* What time it is by the service's clock, as far as its last answer showed it. */
int64_t elasticache_clock_ms(const struct elasticache *service);
/* By the service's clock: when a copy of a request that is signed within this time from now can no
 * longer be accepted. A signature carries the service's time once this machine's was refused;
 * before that it may carry either, and the later one counts. */
int64_t elasticache_signature_ends_ms(const struct elasticache *service, int64_t within_ms);
/* *signature_expires_at_ms is set before anything is sent: once this machine's clock or the
 * service's (as far as its answers showed it) has passed it, a copy of the request can no longer
 * be accepted. It covers every sending of this call. */
MUST_CHECK bool elasticache_complete(struct elasticache *service, const char *group, bool force,
                                     int64_t deadline_mono_ms, int64_t *signature_expires_at_ms,
                                     struct error *err);
