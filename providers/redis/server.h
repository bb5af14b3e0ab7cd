/* What a server says of itself in INFO, read in one place: every other file asks this struct.
 *
 * Absent fields are normal, because services filter and old versions know fewer; each member says
 * what it is then. A field that only one place needs is asked of `info` directly where that is one
 * line: the names of engines, modules, errors. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/redis/info.h"
#include "providers/redis/redis.h"

struct server_database {
    int64_t index, keys;
    int64_t expires;         /* -1: not told */
    int64_t expiring_fields; /* keys with fields that expire */
};

struct server_info {
    struct info info; /* all of it, for fields that one place alone needs */

    /* Who it is. */
    char *run_id;         /* new with each start; NULL */
    int64_t version;      /* 100 * major + minor, as 602; 0 */
    char *config_file;    /* "" for a server without one; NULL */
    int64_t listens_on;   /* 0 */
    bool cluster_enabled; /* false */
    bool loading;         /* false */

    /* Its role. */
    char *role;      /* "master" or "slave", as the protocol has it; NULL */
    bool is_primary; /* false */
    bool is_replica; /* false */
    bool writable;   /* though a replica; false */
    char *follows;   /* HOST:PORT, in brackets for IPv6; NULL for a primary */
    bool link_up;
    char *link_status;        /* NULL */
    bool syncing;             /* a snapshot is on its way to it */
    int64_t link_silent_s;    /* -1 */
    int64_t sync_total_bytes; /* 0 */
    int64_t sync_read_bytes;  /* 0 */
    int64_t copied_bytes;     /* grows while a snapshot comes or is loaded; 0: none, or untold */

    /* Its replication log. */
    char *replid;  /* NULL before 4.0, where the run id of a primary is the name */
    char *replid2; /* NULL */
    int64_t offset, applied_offset, second_offset, backlog_first_offset; /* -1 */
    int64_t backlog_size_bytes;                                          /* 0 */
    int64_t backlog_held_bytes;                                          /* of used memory; 0 */
    int64_t full_syncs;      /* that it gave to replicas; -1 */
    int64_t partial_syncs;   /* 0 */
    struct strings replicas; /* HOST:PORT, in its order, without those that serve no port */

    /* Memory, and what it removed by itself. */
    int64_t used_bytes, resident_bytes, dataset_bytes, maxmemory_bytes, system_bytes; /* 0 */
    int64_t not_counted_bytes;                          /* for eviction; 0 */
    int64_t replica_buffer_bytes;                       /* of its replicas' connections; 0 */
    int64_t expired_keys, evicted_keys, expired_fields; /* since its start; 0 */
    int64_t unexpected_errors;                          /* replies to commands of its primary; -1 */

    struct {
        struct server_database *items; /* as INFO lists them */
        size_t count;
    } databases;

    /* Changes since its last save, and when that was; -1. */
    int64_t changes, saved_at_s;
    bool save_failed;
    int64_t last_fork_us, clients_count, functions; /* 0 */
    int64_t input_bytes_per_s;                      /* 0 */
};

/* Pure; never fails on content. */
void server_info_parse(const char *bytes, size_t length, struct server_info *out);
/* A reply to INFO; an error reply reads as an empty one. */
void server_info_read(const struct redis_reply *reply, struct server_info *out);
/* How often a command ran, where commandstats were asked for; else 0. */
int64_t server_calls(const struct server_info *server, const char *command);
bool server_is_run(const struct server_info *server, const char *run_id);
void server_info_clear(struct server_info *server);
AUTO_VALUE(struct server_info, server_info_clear)

/* A reply to CONFIG GET: the value of that name, or NULL. Names and values in turn, or a map of
 * RESP 3 that was flattened. Letters of either case, as the server compares them. */
const char *server_setting(const struct redis_reply *reply, const char *name);
