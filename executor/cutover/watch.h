/* The fence is watched: from when it is set until the end of the run every source node is asked
 * several times a second whether it still stands, also while hooks and comparisons run. Others set
 * min-replicas-to-write, too: a Kubernetes operator or configuration management that applies its
 * own values again, and a server that restarts without its file.
 *
 * Found missing before anything was sent, it ends the cutover, and the writers have the source back
 * with all that they wrote. From then on it is set again at once, after the lock was confirmed, and
 * put into the journal: what was written meanwhile went to the target before its promotion, and
 * stands in the source's replication log after it, where the audit finds it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"

struct site;
struct site_watch;

extern const struct site_watch cutover_site_watch; /* of a run and of a drill */

struct fence_watch {
    struct {
        struct fence_watch_node {
            int64_t seen_at_ms; /* wall time at which the fence was last seen standing */
            bool recorded;      /* that it is missing since */
        } * items;
        size_t count;
    } nodes; /* as site->nodes */
    int64_t next_mono_ms, pause_ms;
    bool lock_lost; /* found out where nothing could be done about it */
};
void fence_watch_clear(struct fence_watch *watch);

/* All nodes have just been seen fenced. */
void cutover_watch_from_now(struct site *site);
/* Looks when it is time. False before anything was sent when a fence is missing or cannot
 * be read; later only when the lock is lost. */
MUST_CHECK bool cutover_watch(struct site *site, struct error *err);
MUST_CHECK bool cutover_watch_at_once(struct site *site, struct error *err);
/* For a wait that cannot end: after something was sent, and what fails waits for the next look. */
void cutover_watch_beside(struct site *site);
