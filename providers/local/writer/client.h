/* How the writer finds its server, as applications do: one address, the master that Sentinels
 * name, or the member of a cluster that serves the key. It speaks TLS where the endpoint's nodes
 * do, and logs in where it was given a login and the server knows it. */
#pragma once

#include "providers/local/writer/files.h"
#include "providers/redis/redis.h"
#include "schemas/base/strings.h"

struct writer_client {
    const char *dir;                    /* of the endpoint */
    char address[WRITER_ADDRESS_BYTES]; /* that it was sent to */
    bool cluster;
    char server[WRITER_ADDRESS_BYTES]; /* of the cluster; "": any that is known */
    struct strings known;              /* members of the cluster */
    size_t next;                       /* of them to try */
    struct redis_connection *connection;
};

/* Forgets what it knows of the old address. */
void writer_client_send_to(struct writer_client *client, const char *address);
/* Opens the connection unless it is open. */
MUST_CHECK bool writer_client_open(struct writer_client *client, struct error *err);
/* After a failure: the next attempt opens one anew, to the same server if that only refused. */
void writer_client_drop(struct writer_client *client, bool refused);
/* MOVED and ASK of a fault: where to, and whether only this once. */
bool writer_client_redirect(const struct writer_client *client, const struct redis_reply *reply,
                            char server[WRITER_ADDRESS_BYTES], bool *once);
void writer_client_clear(struct writer_client *client);
AUTO_VALUE(struct writer_client, writer_client_clear)
