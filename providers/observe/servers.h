/* Which servers the addresses lead to.
 *
 * A server is its run id. An address is a text that somebody wrote: the migration file, a Sentinel,
 * CLUSTER NODES, or a line of INFO replication, which has the address of the replica's connection
 * as its primary sees it unless replica-announce-ip and -port replace it. So a server that is known
 * by two addresses is kept once, by the first; and of the replicas that a server lists, each must
 * be another server that follows it. A line that leads to none of its own is a stranger: a replica
 * that is connected, but can neither be asked nor fenced. Replicas of replicas are followed to the
 * end: one of them that is promoted is a primary without the fence.
 *
 * While the target replicates through a translation of addresses, its own connections are such
 * lines, too: servers_leave_out_target. */
#pragma once

#include "schemas/observed/observed.h"

struct servers {
    struct observed_source *source;
    void (*ask)(void *context); /* those nodes of the source that were added since the last call */
    void *context;
};

/* Asks everybody that a node of the source lists as its replica, then theirs, and then keeps each
 * server once. The nodes that are there were asked. */
void servers_settle(const struct servers *servers);
/* Takes the target's own connections off the strangers and off what could not be reached. A shard's
 * primary may have as many of those as nodes of the target follow it directly and are not listed by
 * their own address; where it has more, none is taken off. */
void servers_leave_out_target(struct observed_source *source, const struct observed_target *target);
