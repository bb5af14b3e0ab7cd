/* What a member of a cluster says of all: CLUSTER NODES, SLOTS and SHARDS, from 3.0 to today. Pure,
 * and bounded: what is not of the format is an error, what is new in it is left alone. (CLUSTER
 * INFO is of INFO's form: info_parse.) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/redis/redis.h"
#include "providers/redis/topology.h"
#include "schemas/base/slots.h"

#define CLUSTER_ID_BYTES 41 /* with its NUL */
#define CLUSTER_MEMBER_CEILING_COUNT 4096

enum cluster_flags {
    CLUSTER_MYSELF = 1,
    CLUSTER_PRIMARY = 2,
    CLUSTER_REPLICA = 4,
    CLUSTER_FAILING = 8,     /* most primaries say so */
    CLUSTER_SUSPECTED = 16,  /* this member alone says so, as "fail?" */
    CLUSTER_HANDSHAKE = 32,  /* no member yet */
    CLUSTER_NO_ADDRESS = 64, /* nobody knows where it is */
};

struct cluster_member {
    char id[CLUSTER_ID_BYTES];
    char primary_id[CLUSTER_ID_BYTES]; /* of a replica, else "" */
    char *address;                     /* HOST:PORT, IPs before names; NULL when there is none */
    char *host_name;                   /* as announced from 7.0 on, else NULL */
    unsigned flags;
    struct slots slots;
};

struct cluster_open_slot { /* of the member that was asked; others do not tell */
    int slot;
    bool importing; /* else migrating */
};

struct cluster_view {
    struct cluster_member *items;
    size_t count;
    struct {
        struct cluster_open_slot *items;
        size_t count;
    } open_slots; /* CLUSTER NODES only */
};

/* `asked_host` stands in where the asked member does not know its own address. ERROR_FORMAT,
 * ERROR_LIMIT. */
MUST_CHECK bool cluster_nodes_read(const char *bytes, size_t length, const char *asked_host,
                                   struct cluster_view *out, struct error *err);
MUST_CHECK bool cluster_slots_read(const struct redis_reply *reply, const char *asked_host,
                                   struct cluster_view *out, struct error *err);
MUST_CHECK bool cluster_shards_read(const struct redis_reply *reply, const char *asked_host,
                                    struct cluster_view *out, struct error *err);
const struct cluster_member *cluster_view_find(const struct cluster_view *view, const char *id);
void cluster_view_clear(struct cluster_view *view);
AUTO_VALUE(struct cluster_view, cluster_view_clear)

/* Every primary with its replicas; those without slots last. Members in a handshake or without an
 * address are left out. ERROR_NOT_FOUND when no member serves slots. */
MUST_CHECK bool topology_of_view(const struct cluster_view *view, struct topology *out,
                                 struct error *err);

/* The lines of a CLUSTER NODES reply one by one, with nothing allocated: the views of a thousand
 * members are a million lines. */
struct cluster_span {
    const char *bytes;
    size_t length;
};

struct cluster_line {
    struct cluster_span id, host, host_name, primary_id, slots; /* parts of the reply; or empty */
    uint16_t port;                                              /* 0: unknown */
    unsigned flags;
};

enum cluster_line_outcome { CLUSTER_LINE, CLUSTER_END, CLUSTER_WRONG };
enum cluster_line_outcome cluster_line_next(const char **at, const char *end,
                                            struct cluster_line *out);
/* Its ids are hexadecimal and its hosts are such as hosts may be: not looked into by the above. */
bool cluster_line_is_printable(const struct cluster_line *line);
/* The sum of the hashes but of those in a handshake, in any order; and every flag that was
 * seen. */
MUST_CHECK bool cluster_nodes_hash(const char *bytes, size_t length, uint64_t *hash,
                                   unsigned *flags, struct error *err);
