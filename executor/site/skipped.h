/* What the target skips. A replica that cannot apply a command of its primary, or a transaction,
 * goes on with the next: its link stays up and its offset is right, its data is not. INFO stats
 * counts that as unexpected_error_replies (from 6.0 on). Watched on every node that the target is
 * asked at, from before StartMigration until the last comparison. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "executor/site/site.h"
#include "schemas/json/json.h"

struct skipped_node {
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

/* The first reading of a run, for the record: "target_errors" of an intent or outcome, where
 * another process of the run finds it again. Nothing where the target does not answer. */
void skipped_record(struct site *site, struct json *record);
/* Nothing was skipped since the first reading of this run. ERROR_FAILED names node, growth and
 * commands. A node that restarted counts anew when its source has made a full copy since; where
 * not, its data is from before and what it had skipped is not known: that fails as well. */
MUST_CHECK bool skipped_nothing(struct site *site, const char *step, struct error *err);
