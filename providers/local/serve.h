/* The endpoint's own process, from its first line to SIGTERM. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/local/state/pace.h"
#include "schemas/base/strings.h"

struct local_options {
    const char *dir;
    const char *source;        /* "standalone", "sentinel", "cluster:N", or NULL for none */
    const char *source_engine; /* "redis-6.0"; NULL: the newest redis */
    int64_t replicas;          /* of each primary of the source */
    int64_t down_after_ms; /* of Sentinels; of a cluster its node timeout; 0: the engine's own */
    int64_t keys;          /* that the source starts with */
    int64_t writes;        /* a second, of the writer; 0 for no writer */
    enum local_pace pace;
    int64_t port;           /* of the API; 0: a free one */
    const char *network;    /* "127.N"; NULL: the first that nobody uses */
    struct strings engines; /* VERSION=PATH, besides what is found on PATH */
    bool reset;             /* end and forget what is there */
};

/* Serves until SIGTERM; the pid file is DIR/endpoint.pid. Reports on ready_fd:
 * "ok", or a message and a hint, a line each. */
int endpoint_run(const struct local_options *options, int claim_fd, int ready_fd);
