/* The full comparison: every database, both ways, from the checkpoint if there is one. */
#include <string.h>

#include "executor/verify/rows.h"
#include "executor/verify/sweep.h"
#include "schemas/base/memory.h"

static bool none_expires(const struct snapshots *both, int64_t database) {
    return keyspace_row(&both->source, database).expires == 0 &&
           keyspace_row(&both->target, database).expires == 0;
}

/* When nothing was written meanwhile, every key of the source was found on the target, and both
 * hold as many at one offset: then the target holds no other key. A key that has expired but still
 * counts would have to be missing there to hide one; a primary deletes those that SCAN comes
 * across, and the others were compared before they expired. */
static bool counts_tell(const struct comparison *comparison, const struct snapshots *before,
                        const struct snapshots *after, int64_t database) {
    const struct verify_result *result = comparison->result;
    bool detached = comparison->options->detached;
    return keyspace_row(&after->source, database).keys ==
               keyspace_row(&after->target, database).keys &&
           (detached || after->source.offset == after->target.offset) &&
           ((!detached && !after->source.is_replica) ||
            (none_expires(before, database) && none_expires(after, database))) &&
           snapshot_was_still(&before->source, &after->source) &&
           snapshot_was_still(&before->target, &after->target) && result->kinds.missing == 0 &&
           result->keys_hot == 0 && result->keys_expiring == 0;
}

/* What was waiting when the checkpoint was saved, of the database at hand. */
static void take_waiting(struct checkpoint *checkpoint, struct queue *queue) {
    for (size_t i = 0; i < checkpoint->waiting.count; i++) {
        const struct verify_key *key = &checkpoint->waiting.items[i];
        queue_add(queue, key->database, key->bytes, key->length, SIZE_UNKNOWN);
    }
    verify_keys_clear(&checkpoint->waiting);
}

static bool sweep_there(struct comparison *comparison, struct queue *queue,
                        struct checkpoint *checkpoint, struct error *err) {
    if (checkpoint->swept)
        return queue_work(queue, true, err);
    if (!sweep_source(comparison, queue, checkpoint, err) || !queue_work(queue, true, err))
        return false;
    checkpoint_turn(checkpoint);
    if (checkpoint_is_due(checkpoint))
        checkpoint_save(checkpoint, comparison->result, NULL);
    return true;
}

/* Whether all of the target's keys are there, by its counts. */
static bool there_by_counts(struct comparison *comparison, struct queue *queue,
                            struct checkpoint *checkpoint, bool *told, struct error *err) {
    const struct verify_options *options = comparison->options;
    AUTO(snapshots_clear) struct snapshots before = { 0 };
    AUTO(snapshots_clear) struct snapshots after = { 0 };
    if (!snapshot_in_step(options, &before, err) ||
        !compare_select(options, checkpoint->database, err) ||
        !sweep_there(comparison, queue, checkpoint, err) || !snapshot_in_step(options, &after, err))
        return false;
    *told = counts_tell(comparison, &before, &after, checkpoint->database);
    return true;
}

static bool full_database(struct comparison *comparison, struct checkpoint *checkpoint,
                          const struct verify_database *row, struct error *err) {
    AUTO(queue_clear) struct queue queue = { .comparison = comparison };
    bool from_start = !checkpoint->swept && strcmp(checkpoint->cursor, "0") == 0, told = false;
    bool by_counts = from_start && rows_are_few(&comparison->result->databases, row->source_keys);
    take_waiting(checkpoint, &queue);
    if (by_counts ? !there_by_counts(comparison, &queue, checkpoint, &told, err)
                  : !compare_select(comparison->options, checkpoint->database, err) ||
                        !sweep_there(comparison, &queue, checkpoint, err))
        return false;
    return told ||
           (sweep_target(comparison, &queue, checkpoint, err) && queue_work(&queue, true, err));
}

/* The database in which it was stopped is the first to be resumed. */
static size_t turn(const struct verify_databases *rows, size_t first, size_t i) {
    return first >= rows->count || i > first ? i : i == 0 ? first : i - 1;
}

static bool full_databases(struct comparison *comparison, struct checkpoint *checkpoint,
                           struct error *err) {
    struct verify_result *result = comparison->result;
    const struct verify_database *stopped = rows_find(&result->databases, checkpoint->database);
    size_t first = stopped ? (size_t)(stopped - result->databases.items) : SIZE_MAX;
    for (size_t i = 0; i < result->databases.count; i++) {
        const struct verify_database *row =
            &result->databases.items[turn(&result->databases, first, i)];
        if (checkpoint_is_done(checkpoint, row->database))
            continue;
        if (checkpoint->database != row->database)
            checkpoint_enter(checkpoint, row->database);
        if (!full_database(comparison, checkpoint, row, err))
            return false;
        checkpoint_finish(checkpoint, row->database);
        if (checkpoint_is_due(checkpoint))
            checkpoint_save(checkpoint, result, NULL);
    }
    /* Another shard may stop the comparison yet: this one is not done again. */
    checkpoint_save(checkpoint, result, NULL);
    return compare_select(comparison->options, 0, err);
}

/* The rows of the counts tell which databases there are. */
bool sweep_full(struct comparison *comparison, const struct snapshot *source,
                const struct snapshot *target, struct error *err) {
    struct verify_result *result = comparison->result;
    AUTO(checkpoint_clear)
    struct checkpoint checkpoint = { .path = comparison->options->checkpoint_path,
                                     .detached = comparison->options->detached };
    for (size_t i = 0; i < result->databases.count; i++)
        comparison->total += result->databases.items[i].source_keys;
    checkpoint_begin(&checkpoint, source, target, result);
    return full_databases(comparison, &checkpoint, err);
}
