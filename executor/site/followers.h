/* Who replicates from the source's primaries: its own replicas, which are fenced, the target, and
 * nobody else. A replica that joined unseen could be promoted without the fence.
 *
 * A primary names its replicas in INFO replication by address, one line for each connection. Where
 * nothing stands between, the address tells whose line it is. Behind a load balancer, a translation
 * of addresses or a Kubernetes service the target's line shows an address of the device that
 * forwards the connection, and no field of the line is one that only the target could have: the
 * port is what any replica may announce, an offset is shared by all that are in sync. So such lines
 * are not recognized but counted:
 *
 *   1. The target's nodes say by themselves, at their own addresses, that they follow this primary
 *      directly, that their link is up, and that their history is its history. A history's name is
 *      160 random bits that a translation does not touch. Let E be how many say so and have no line
 *      by their own address.
 *   2. The primary is asked for its lines, its offset, and how many replicas it has let in since it
 *      started (sync_full + sync_partial_ok). Then it is made to send something to its replicas
 *      (WAIT does, and writes nothing), and each of the E must show an offset past that of the
 *      lines: its connection carried bytes that are newer than the lines.
 *   3. The primary is asked again. If it has let in nobody meanwhile, each of those connections is
 *      older than the lines, and so is among them. If exactly E lines belong to nobody that is
 * known by address, they are the target's, all of them; there is none left for anybody else.
 *
 * Any further replica makes one line more than E and is never accepted, no matter what it
 * announces, and when the target's link is down E is smaller, so that nobody takes its place. One
 * that joins between 2 and 3 shows in the count, and everything is asked again. A target that
 * connects again needs nothing: it is counted anew each time, at the gate, and after the fence
 * (final). */
#pragma once

#include "executor/site/site.h"

/* Every line of every primary is accounted for, as above; asks nothing of the target where all of
 * them are known by address. ERROR_FAILED names a replica that is not fenced, ERROR_DEADLINE a
 * target that did not show in time that its connection lives. `deadline_mono_ms` bounds it all. */
MUST_CHECK bool followers_are_known(struct site *site, int64_t deadline_mono_ms, struct error *err);
/* When the source is opened: what its primaries list at addresses where none of their replicas
 * answers is no more than the target's connections. Only a count: followers_are_known proves it
 * before anything depends on it. */
MUST_CHECK bool followers_are_the_targets(struct site *site, struct error *err);
