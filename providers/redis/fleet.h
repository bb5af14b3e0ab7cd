/* The same questions to hundreds of servers at once, in one loop: each is connected to, sent its
 * password and the questions in one flight, and let go as soon as it has answered. Every server has
 * its own deadline and its own outcome; one that is dead holds up nobody.
 *
 * At most FLEET_DIALS connections are being made and `in_flight` servers answering at a time, which
 * bounds the memory: an answer is gone before the next server is asked. Raises the soft limit of
 * open files where many connections are to stay open. */
#pragma once

#include "providers/redis/redis.h"

#define FLEET_DIALS 256
#define FLEET_IN_FLIGHT 64

struct fleet_node {
    const char *address;                 /* HOST:PORT */
    struct redis_connection *connection; /* out: if it is kept and all went well; else NULL */
    struct error problem;                /* out: code ERROR_NONE when all went well */
    bool lets_anybody_in;                /* out: with without_password */
    bool lets_nobody_follow; /* out: with without_password: who is let in may not replicate */
};

struct fleet {
    const char *username;          /* NULL: the default user */
    const struct secret *password; /* NULL: no AUTH */
    const struct redis_tls *tls;   /* NULL: plain */
    const char *client_name;       /* NULL: none */
    int64_t timeout_ms;            /* to connect to a server, and once more to ask it */
    size_t in_flight;              /* 0: FLEET_IN_FLIGHT */
    bool keep;                     /* the connections stay open */
    bool without_password;         /* a look before AUTH: is the password asked for? */
    /* Queues the questions; may be NULL. */
    void (*ask)(void *context, size_t index, struct redis_connection *connection);
    /* redis_take for each of them; false with the reason why the server's answers cannot be used.
     * May be NULL when nothing is asked. */
    bool (*answer)(void *context, size_t index, struct redis_connection *connection,
                   struct error *err);
    void *context;
};

/* Returns when each has answered or failed. The nodes are the caller's: fleet_nodes_clear. */
void fleet_ask(const struct fleet *fleet, struct fleet_node *nodes, size_t count);
/* Frees problems and closes the connections that nobody took. */
void fleet_nodes_clear(struct fleet_node *nodes, size_t count);
