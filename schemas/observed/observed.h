/* What was seen: the source, the target and the record of earlier runs, at one moment.
 *
 * Filled by providers/observe and the state repository, read by the planner, which sees nothing
 * else. Fields marked SHAPE_MEASURE in the rows move by themselves (counters, sizes) and are shown
 * but never hashed; all others are facts, and together they are the plan's fingerprint. A thing
 * that could not be observed is not an error here: `reachable` is false and `problem` says why. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/config/config.h"
#include "schemas/json/shape.h"

struct observed_database {
    int64_t index, keys, expires;
};

struct observed_use { /* by connections that are open; not by replicas, Sentinels and ecmig */
    char *kind;       /* "user", "database", "command", "resp3", "shard channels" */
    char *what;       /* name of the user, number of the database, command; else NULL */
    int64_t count;
    struct strings clients; /* "HOST:PORT NAME" of the first few */
};

/* Who uses a node, and how: what CLIENT LIST, commandstats and ACL USERS tell. */
struct observed_applications {
    struct strings users; /* of the ACL without default, sorted; the first hundred */
    int64_t users_count;
    /* command -> calls in commandstats: what the service refuses (restricted_commands.h), and of
     * what not every engine knows (newer_commands.h) that which is not replicated */
    struct pairs restricted_calls, newer_calls;
    struct {
        struct observed_use *items;
        size_t count;
    } uses;
};

struct observed_node { /* one source server */
    char *address;     /* HOST:PORT */
    bool reachable;
    char *problem,
        *problem_code; /* as NOAUTH, WRONGPASS, unreachable, deadline; NULL when reachable */
    char *role;        /* master or slave */
    char *node_id;     /* in cluster mode, else NULL */
    char *known_from;  /* who names this address, as "CLUSTER NODES"; a measure */
    char *listed_by;   /* HOST:PORT, when only its INFO replication does; else NULL; a measure */
    char *run_id, *replid;
    char *engine, *version;  /* redis, valkey, or the name of a compatible server, "unknown";
                                7.0.15, "unknown" */
    struct strings unread;   /* what it did not say and servers of its version do: fields of INFO,
                                commands that were refused; sorted; a measure */
    char *service_address;   /* HOST:PORT of its plaintext port, which the service is given, when
                                `address` is that of TLS; else NULL */
    char *follows;           /* HOST:PORT of its primary while it is a replica, else NULL */
    bool link_up;            /* of a replica; a measure */
    struct strings replicas; /* sorted HOST:PORT, the target's own nodes left out */
    int64_t target_lines;    /* of the target's nodes it lists this many by address; a measure */
    bool sees_translated;    /* it lists the target's connections by other addresses; a measure */
    char *answers_at;        /* HOST:PORT at which our connection arrived there; NULL before 6.2; a
                                measure */
    bool is_translated;      /* another than the one we connected to; a measure */
    struct strings ecmig_connections; /* names of connections of runs, sorted; a measure */
    struct pairs settings;    /* the CONFIG parameters a check or a step reads; never a secret */
    bool config_readable;     /* CONFIG GET answered */
    bool replication_refused; /* a connection without AUTH may not replicate */
    bool password_required;   /* a connection without AUTH is refused, or requirepass is set */
    struct strings
        missing_commands; /* lower case, sorted: what the service calls and the server lacks */
    struct strings missing_writes; /* likewise, of those that change data */
    struct strings modules;        /* names, sorted */
    struct strings used_modules;   /* of those that Redis 8 brings along: written to; a measure */
    struct pairs newer_writes;     /* as newer_commands.h, those that are replicated: name -> calls
                                      in commandstats; a measure */
    struct observed_applications applications; /* a measure */
    bool cluster_enabled, loading;
    bool save_failed;    /* rdb_last_bgsave_status is not ok */
    bool shares_address; /* another connection to the address reached another server */
    int64_t listens_on;  /* tcp_port, 0 when unknown; a measure */
    int64_t last_fork_us, clients_count, clock_ahead_ms; /* measures; the clock against ours */
    int64_t expiring_field_keys; /* hashes some of whose fields expire; a measure */
    bool scripts_used;           /* EVAL or EVALSHA in commandstats */
    bool as_started; /* commandstats prove that no setting or user was changed since it started: its
                        file says what it does; a measure, for our own steps change settings too */
    bool without_file;        /* config_file is empty: a restart forgets its settings; a measure */
    int64_t functions;        /* libraries loaded by FUNCTION LOAD; a measure */
    int64_t highest_database; /* -1 while there are no keys; a measure */
    struct {
        struct observed_database *items;
        size_t count;
    } databases; /* measures */
    int64_t used_memory_bytes, dataset_bytes, maxmemory_bytes, system_memory_bytes,
        replication_offset, write_bytes_per_s;                     /* measures; 0 when unknown */
    int64_t resident_bytes, not_counted_bytes, backlog_held_bytes; /* measures: in the machine's
        memory; of the used memory, not counted against maxmemory; of the backlog, counted now */
};

/* A replica whose address leads to no server of its own. All of it is a measure: what is found of
 * it is hashed. */
struct observed_stranger {
    char *address; /* as INFO replication has it */
    char *seen_at; /* HOST:PORT of who lists it */
    char *why;
};

struct observed_shard {      /* one without cluster mode */
    char *slots;             /* as "0-5460,9000"; NULL without cluster mode */
    char *primary;           /* HOST:PORT */
    struct strings replicas; /* HOST:PORT, sorted */
};

/* What the members of a cluster, or the Sentinels, say of it. */
struct observed_agreement {
    char *state;                /* cluster_state: ok or fail; NULL without cluster mode */
    struct strings open_slots;  /* "HOST:PORT 93 migrating", sorted */
    struct strings failing;     /* HOST:PORT, of members that others call failing or lost */
    struct strings other_views; /* HOST:PORT of members that see another slot map or membership */
    struct strings unserved;    /* slots without a primary, as one text; none when all are served */
    int64_t sentinels, quorum;  /* that answered, and that the master's name asks for; 0 */
    struct strings sentinel_problems; /* "HOST:PORT: why", sorted */
    struct strings
        known_sentinels; /* HOST:PORT, sorted: those that answered, and those that they know */
};

struct observed_source {
    enum config_topology topology;
    struct {
        /* by shard: its primary, then its replicas; what the seeds named and nobody answered for
         * is there as well, with its problem */
        struct observed_node *items;
        size_t count;
    } nodes;
    struct {
        struct observed_shard *items; /* by first slot */
        size_t count;
    } shards;
    struct {
        struct observed_stranger *items;
        size_t count;
    } strangers;
    struct observed_agreement agreement;
};

struct observed_target_shard {
    char *id, *slots;      /* slots NULL without cluster mode */
    struct strings nodes;  /* HOST:PORT, sorted */
    char *role;            /* of its primary: master, or slave while it migrates; NULL: unknown */
    char *replicates_from; /* HOST:PORT, else NULL */
    char *problem;         /* why its nodes did not answer, else NULL; a measure */
    char *link_status;     /* a measure */
    int64_t keys, used_memory_bytes, replication_offset; /* measures */
};

struct observed_target {
    bool reachable; /* the service answered and let us look */
    char *problem, *problem_code;
    bool refused;         /* it answered, with a refusal: `problem`; a measure */
    char *problem_remedy; /* what to do about it, where the reason tells; else NULL; a measure */
    char *account, *region;
    char *caller; /* ARN of who asks; a measure, because sessions have names of their own */
    /* What the policies of the caller say of what the steps send, as "elasticache:StartMigration":
     * nothing allows it, or only under a condition; measures, because who plans need not be who
     * applies. */
    struct strings denied_actions, unclear_actions;
    char *rights_problem;   /* why they could not be asked, else NULL; a measure */
    int64_t clock_ahead_ms; /* of the service against ours, 0 when unknown; a measure */
    char *clear_endpoint; /* URL of a service that is asked over http on another machine, or NULL */
    bool on_this_machine; /* the service is a local endpoint: loopback reaches it */
    bool exists, serverless; /* a group; a serverless cache of that name */
    char *migration_status;  /* of a serverless cache that is migrated to, as the service says; a
                                measure */
    char *arn, *status;
/* What a file may want of it. Numbers are SHAPE_UNSET while its nodes are not told. */
#define PROPERTY_TEXT(name) char *name
#define PROPERTY_NUMBER(name) int64_t name
#define PROPERTY_SWITCH(name) char *name
#define PROPERTY_LIST(name) struct strings name
#define TARGET_PROPERTY(name, type, ...) PROPERTY_##type(name);
#include "schemas/config/target_properties.def"
#undef PROPERTY_TEXT
#undef PROPERTY_NUMBER
#undef PROPERTY_SWITCH
#undef PROPERTY_LIST
    bool cluster_enabled, transit_encryption, at_rest_encryption, auth, pending_changes;
    char *automatic_failover, *data_tiering, *global_datastore, *durability;
    char *parameter_group;
    char *maintenance_window; /* as sun:07:00-sun:08:00, UTC; of one of its nodes */
    struct pairs updates;     /* service updates that wait for it or are applied; a measure */
    char *updates_problem;    /* why they could not be asked, else NULL; a measure */
    struct pairs unknown; /* what a plan can do without: action -> why it told nothing; a measure */
    int64_t snapshot_retention_days;   /* 0: none are taken by themselves */
    struct strings zones;              /* availability zones of its nodes, sorted */
    bool outpost;                      /* on the customer's own ground */
    char *transit_mode;                /* preferred, required; NULL without TLS */
    struct strings user_groups;        /* ids, sorted; with `auth` and none it has a token */
    struct pairs parameters, tags;     /* of what the file wants or a check reads */
    char *mark_run, *mark_record;      /* whose mark it carries (mark.h), else NULL; measures */
    bool mark_hidden;                  /* the service does not tell tags now; a measure */
    struct strings offered_versions;   /* of the wanted engine; when it does not exist yet */
    struct strings refused_parameters; /* of those the file wants for it: "NAME: why"; likewise */
    int64_t data_room_bytes;           /* maxmemory less the reserve, per shard; 0 when unknown */
    char *primary, *reader;            /* HOST:PORT; NULL with cluster mode */
    char *configuration;               /* HOST:PORT with cluster mode, else NULL */
    struct {
        struct observed_target_shard *items; /* by id; empty without cluster mode */
        size_t count;
    } shard_list;
    struct strings node_addresses; /* IP:PORT of every node of the group; a measure */
    bool node_reachable;           /* INFO of the primary answered */
    char *node_problem;
    char *role;            /* of the primary: master, or slave while it migrates */
    char *replicates_from; /* HOST:PORT of master_host:master_port, else NULL */
    bool holds_keys;
    char *link_status;                                   /* up or down; a measure */
    int64_t keys, used_memory_bytes, replication_offset; /* measures */
};

/* What the journal says: of the last migrate run, less what an abort of it has undone. */
struct observed_history {
    char *base; /* hash of the last journal entry that changed the last run, or "none" */
    char *last_run, *last_digest, *last_class; /* NULL when there is none; class NULL while open */
    char *last_mode;                           /* migrate, abort */
    bool finished;                /* the last migrate run ended ok, and none came after */
    bool open;                    /* a run has neither ended nor been aborted */
    struct strings steps_done;    /* keys, of the open run */
    char *started_from;           /* HOST:PORT that StartMigration of ours named */
    char *created_by;             /* the run that began to create the group; NULL: none of ours */
    char *cutover;                /* mark of the open critical section, as "sending", or NULL */
    bool writers_held;            /* they may be: by the open section, or by a drill that died */
    char *fence;                  /* our fence value, while it stands */
    struct pairs fence_before;    /* "HOST:PORT write" and "HOST:PORT lag" -> value before it */
    struct pairs settings_before; /* "HOST:PORT name" -> value before we set it, until restored */
    struct pairs target_before;   /* "transit_mode", "auth", "durability" -> value before we took it
                                     away (protection.h) */
    struct pairs markers;         /* "HOST:PORT name" -> value before a drill's marker that may
                                     stand; a measure */
    /* "HOST:PORT name" of what was set back while a run relied on it, unless a later drill saw that
     * the settings stay; a measure */
    struct strings set_by_others;
};

/* The state repository that is used; measures, all of it: clones of one are the same record. */
struct observed_record {
    char *place;         /* an absolute path or a URL, and the branch */
    char *id;            /* its first commit; NULL while it is empty */
    struct strings runs; /* of this migration, sorted */
    bool relative;       /* a path that is meant from the folder of the migration file */
    char *ci;            /* the variable that tells of a CI job, or NULL */
};

/* What the files of approvals.allowed_signers and approvals.revoked_keys hold: the plan carries it,
 * so that its digest says whose approvals count. Lines without comments and empty ones. */
struct observed_signers {
    struct strings allowed, revoked;
    char *revocation_list; /* an OpenSSH KRL, in hexadecimal digits; NULL: none */
    char *problem;         /* why a file could not be read, or NULL */
};

struct observed {
    struct observed_source source;
    struct observed_target target;
    struct observed_history history;
    struct observed_record record;
    struct strings expired_waivers; /* finding ids whose waiver's date has passed */
    struct pairs hook_digests;      /* path as given -> sha256 of the file, "absent" */
    struct pairs secret_programs;   /* the same of what prints a secret (exec) */
    struct observed_signers signers;
};

extern const struct shape observed_shape, observed_node_shape, observed_signers_shape;
/* {"source.nodes[0].version": "7.0.15", …}: every fact by its path; values are strings, integers,
 * booleans. */
struct json *observed_facts(const struct observed *observed);
/* HOST:PORT that the service is given. */
const char *observed_service_address(const struct observed_node *node);
/* By its own address, or the one that the service is given; NULL is nobody's. */
bool observed_node_is(const struct observed_node *node, const char *address);
void observed_node_clear(struct observed_node *node);
void observed_source_clear(struct observed_source *source);
void observed_stranger_clear(struct observed_stranger *stranger);
void observed_signers_clear(struct observed_signers *signers);
AUTO_VALUE(struct observed_signers, observed_signers_clear)
void observed_clear(struct observed *observed);
AUTO_VALUE(struct observed, observed_clear)
