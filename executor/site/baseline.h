/* What servers counted at the first look of a run: what they count later is compared with it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evictions_node { /* of the source */
    char *address, *run_id;
    int64_t before; /* evicted_keys at the first look of the run */
    int64_t said;   /* how many more were told of */
    bool said_room;
};
struct evictions {
    struct evictions_node *items;
    size_t count;
    int64_t looked_mono_ms;
};
void evictions_free(struct evictions *evictions); /* NULL is fine */

struct skipped_node { /* of the target */
    char *address, *run_id;
    int64_t count;      /* unexpected_error_replies; -1: it does not tell */
    int64_t full_syncs; /* sync_full of its source then; -1: unknown */
};
struct skipped {
    struct skipped_node *items;
    size_t count;
    bool said; /* that a node does not tell */
};
void skipped_free(struct skipped *skipped); /* NULL is fine */
