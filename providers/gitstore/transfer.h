/* What goes over the network, in a process of its own: libgit2 has no deadlines, and a remote that
 * is silent must not stop a run. The child dies with us. */
#pragma once

#include "providers/gitstore/store.h"

#define TRANSFER_MS 20000

struct transfer {
    struct gitstore *store;
    git_oid tip;         /* of the branch at the remote; zero when there is none */
    git_oid commit;      /* to push on top of store->tip */
    int offers;          /* credentials offered so far */
    bool moved;          /* the remote advertised another tip than ours */
    char *rejection;     /* the remote's words, when it did not take the update */
    struct ssh *ssh;     /* the ssh program that carries it, or NULL */
    struct error denied; /* why a callback ended it */
};

/* Asks for the tip and downloads what we lack of it. ERROR_UNREACHABLE, ERROR_DEADLINE,
 * ERROR_CREDENTIALS, ERROR_REFUSED. No reference is changed. */
MUST_CHECK bool transfer_fetch(struct gitstore *store, git_oid *tip, struct error *err);
/* Moves the remote's branch from store->tip to `commit`. ERROR_CONFLICT when it is elsewhere by
 * now, ERROR_REFUSED with the remote's words. After ERROR_UNREACHABLE or ERROR_DEADLINE it may have
 * happened all the same. */
MUST_CHECK bool transfer_push(struct gitstore *store, const git_oid *commit, struct error *err);

int transfer_credentials(git_credential **out, const char *url, const char *user, unsigned allowed,
                         void *context);

/* How libgit2 gets to the remote: over ssh through the ssh program, else by its own means. A
 * git_transport_cb. */
int transfer_transport(git_transport **out, git_remote *owner, void *context);
void ssh_close(struct ssh *ssh); /* ends the program */
/* Is it the ssh program, or the host through it, that said why nothing came? Then *err says it. */
bool ssh_explains(struct transfer *transfer, struct error *err);
