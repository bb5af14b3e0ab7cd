/* The endpoint's own process: one thread, one loop; HTTP, timers and nodes take turns. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/local/local.h"
#include "providers/local/state/engines.h"
#include "providers/local/state/state.h"

/* How long the service takes for what; PACE(field, fast, real), milliseconds. */
#define LOCAL_PACES(PACE)                                                                          \
    PACE(create_ms, 300, 90000)                                                                    \
    PACE(modify_ms, 200, 30000)                                                                    \
    PACE(delete_ms, 200, 60000)                                                                    \
    PACE(test_ms, 200, 30000)                                                                      \
    PACE(start_ms, 200, 30000)                                                                     \
    PACE(reshard_ms, 300, 120000)                                                                  \
    PACE(give_up_ms, 4000, 60000)                                                                  \
    PACE(complete_ms, 100, 45000)                                                                  \
    PACE(replace_ms, 500, 60000)

struct pace {
#define PACE(field, fast, real) int64_t field;
    LOCAL_PACES(PACE)
#undef PACE
};

struct endpoint {
    const char *dir;
    struct engines engines;
    struct state state;
    struct pace pace;
    int claim_fd;               /* holds the network; nodes and the writer inherit it */
    bool changed;               /* the state has to be saved */
    bool unsaved;               /* and could not be, which was said */
    int64_t next_watch_mono_ms; /* when to look for dead nodes again */
};

/* A line in DIR/endpoint.log, which is the endpoint's own stderr. */
void endpoint_log(const char *format, ...) PRINTF_LIKE(1, 2);

/* Brings every group forward as far as time and its nodes allow. */
void groups_advance(struct endpoint *endpoint);
bool groups_are_busy(const struct endpoint *endpoint);
/* The group's part of it: phases of a migration. */
void migration_advance(struct endpoint *endpoint, struct group *group, int64_t now_ms);
void group_enter(struct endpoint *endpoint, struct group *group, enum group_phase phase,
                 int64_t delay_ms);

MUST_CHECK bool http_serve(struct endpoint *endpoint, int listen_fd, int stop_fd,
                           struct error *err);
/* Loopback sockets: a listening one at the port (0: any free; *port is what it got). */
MUST_CHECK bool http_listen(int64_t *port, int *fd, struct error *err);

/* Claims a network (0: the first free one) and a node port in it; *fd holds the claim as long as
 * any process has it open. ERROR_CONFLICT when the asked one is taken. */
MUST_CHECK bool network_claim(int64_t wanted, int64_t *network, int64_t *port, int *fd,
                              struct error *err);
/* Fills the source with `keys` keys of every type, some expiring, over all its shards; some in
 * database 1 where it has no cluster mode. */
MUST_CHECK bool seed_source(const struct state *state, struct error *err);

/* Serves until SIGTERM; the pid file is DIR/endpoint.pid. Reports on ready_fd:
 * "ok", or a message and a hint, a line each. */
int endpoint_run(const struct local_options *options, int claim_fd, int ready_fd);
char *endpoint_file(const char *dir, const char *name); /* the caller frees */
/* What `local up` prints. */
struct json *endpoint_describe(const char *dir, const struct state *state);

MUST_CHECK bool network_parse(const char *string, int64_t *network); /* "127.7" */
