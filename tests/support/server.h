/* A redis-server of a test's own: on a loopback address and a free port, in a fresh folder, gone
 * with the test. Whatever goes wrong here ends the test program with a message. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "providers/redis/redis.h"
#include "schemas/base/language.h"

struct server {
    pid_t pid;
    char *host;
    uint16_t port;
    char *folder;
    char *password; /* of --requirepass among the overrides, or NULL */
};

/* Overrides are words for the command line ("--requirepass", "x"), NULL at the end; NULL: none.
 * Cluster mode gets a free port for its bus. Returns when the server answers. */
struct server *server_start(const char *const *overrides);
/* A Sentinel that calls a silent primary down after 1 s. */
struct server *server_start_sentinel(const char *name, const struct server *primary, int quorum);
/* The same, alone; it speaks TLS at *tls_port, and may do so with the primary. `folder` holds what
 * tests/support/certificates makes. */
struct server *server_start_tls_sentinel(const char *name, const char *host, uint16_t port,
                                         const char *folder, bool asks_over_tls,
                                         uint16_t *tls_port);
void server_stop(struct server *server);
AUTO_POINTER(struct server, server_stop)

struct redis_connection *server_connect(const struct server *server); /* redis_close it */
/* Runs one command of words separated by single spaces; the reply is the caller's. */
struct redis_reply *server_run(struct redis_connection *connection, const char *command);
void server_do(struct redis_connection *connection, const char *command);
/* Over a connection of their own. */
char *server_ask(const struct server *server, const char *command); /* the caller frees */
void server_tell(const struct server *server, const char *command);
/* Asks until `part` is in the answer, or is not. */
void server_wait_for(const struct server *server, const char *command, const char *part,
                     bool there);
/* Makes it a replica and waits until it is in sync. */
void server_follow(struct server *replica, const struct server *primary);
