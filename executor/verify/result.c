#include <inttypes.h>
#include <stdlib.h>

#include "executor/verify/verify.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define NAMED_COUNT ((size_t)8) /* databases in a line */

const char *const verify_verdict_names[] = { "equal", "mismatch", "open", NULL };

#define DATABASE(member) FIELD(struct verify_database, member, SHAPE_INT)
static const struct shape_field database_fields[] = {
    DATABASE(database),
    DATABASE(source_keys),
    DATABASE(target_keys),
    DATABASE(source_expires),
    DATABASE(target_expires),
    DATABASE(explained),
    DATABASE(keys_compared),
    DATABASE(keys_equal),
    FIELD(struct verify_database, verdict, SHAPE_CHOICE, .choices = verify_verdict_names),
};
static const struct shape database_shape =
    SHAPE("verified database", struct verify_database, database_fields);

static const struct shape_field side_fields[] = {
    FIELD(struct verify_side, type, SHAPE_STRING),
    FIELD(struct verify_side, digest, SHAPE_STRING),
    FIELD(struct verify_side, expire_at_ms, SHAPE_INT, .flags = SHAPE_OPTIONAL),
};
static const struct shape side_shape = SHAPE("side of a mismatch", struct verify_side, side_fields);

#define MISMATCH(member, ...) FIELD(struct verify_mismatch, member, __VA_ARGS__)
static const struct shape_field mismatch_fields[] = {
    MISMATCH(kind, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    MISMATCH(shard, SHAPE_STRING),
    MISMATCH(database, SHAPE_INT),
    MISMATCH(key_sha256, SHAPE_STRING),
    MISMATCH(source, SHAPE_STRUCT, .shape = &side_shape),
    MISMATCH(target, SHAPE_STRUCT, .shape = &side_shape),
};
static const struct shape mismatch_shape =
    SHAPE("mismatch", struct verify_mismatch, mismatch_fields);

#define KIND(member) FIELD(struct verify_kinds, member, SHAPE_INT)
static const struct shape_field kind_fields[] = {
    KIND(missing), KIND(extra), KIND(type), KIND(value), KIND(expiry), KIND(functions),
};
static const struct shape kinds_shape = SHAPE("mismatch kinds", struct verify_kinds, kind_fields);

#define SHARD(member, ...) FIELD(struct verify_shard, member, __VA_ARGS__)
static const struct shape_field shard_fields[] = {
    SHARD(slots, SHAPE_STRING),
    SHARD(source, SHAPE_STRING),
    SHARD(target, SHAPE_STRING),
    SHARD(settled_by, SHAPE_STRING),
    SHARD(not_replica, SHAPE_STRING),
    SHARD(replica_writable, SHAPE_BOOL),
    SHARD(replica_differs, SHAPE_INT),
    SHARD(verdict, SHAPE_CHOICE, .choices = verify_verdict_names),
    SHARD(replid, SHAPE_STRING),
    SHARD(source_offset, SHAPE_INT),
    SHARD(target_offset, SHAPE_INT),
    SHARD(keys_compared, SHAPE_INT),
    SHARD(keys_equal, SHAPE_INT),
    SHARD(keys_hot, SHAPE_INT),
    SHARD(keys_expiring, SHAPE_INT),
    SHARD(keys_unverifiable, SHAPE_INT),
    SHARD(kinds, SHAPE_STRUCT, .shape = &kinds_shape),
    SHARD(databases, SHAPE_LIST, .shape = &database_shape),
    SHARD(took_ms, SHAPE_INT),
};
static const struct shape shard_shape = SHAPE("verified shard", struct verify_shard, shard_fields);

#define RESULT(member, ...) FIELD(struct verify_result, member, __VA_ARGS__)
static const struct shape_field result_fields[] = {
    RESULT(mode, SHAPE_CHOICE, .choices = config_verify_mode_names),
    RESULT(detached, SHAPE_BOOL),
    RESULT(verdict, SHAPE_CHOICE, .choices = verify_verdict_names),
    RESULT(databases, SHAPE_LIST, .shape = &database_shape),
    RESULT(keys_compared, SHAPE_INT),
    RESULT(keys_equal, SHAPE_INT),
    RESULT(keys_equal_at_once, SHAPE_INT),
    RESULT(keys_hot, SHAPE_INT),
    RESULT(keys_expiring, SHAPE_INT),
    RESULT(keys_unverifiable, SHAPE_INT),
    RESULT(functions_unread, SHAPE_BOOL),
    RESULT(kinds, SHAPE_STRUCT, .shape = &kinds_shape),
    RESULT(mismatches, SHAPE_LIST, .shape = &mismatch_shape),
    RESULT(bound, SHAPE_STRING),
    RESULT(expiry_tolerance_ms, SHAPE_INT),
    RESULT(evicted_keys, SHAPE_INT),
    RESULT(replid, SHAPE_STRING),
    RESULT(source_offset, SHAPE_INT),
    RESULT(target_offset, SHAPE_INT),
    RESULT(shards, SHAPE_LIST, .shape = &shard_shape),
    RESULT(took_ms, SHAPE_INT),
    RESULT(resumed, SHAPE_BOOL),
    RESULT(backed_off_ms, SHAPE_INT),
    RESULT(replica_differs, SHAPE_INT),
};
const struct shape verify_result_shape =
    SHAPE("verify result", struct verify_result, result_fields);

void verify_keys_add(struct verify_keys *keys, int64_t database, const char *bytes, size_t length) {
    *LIST_ADD(keys) = (struct verify_key){ database, xstrndup(bytes, length), length };
}

static void verify_key_clear(struct verify_key *key) {
    free(key->bytes);
}

void verify_keys_clear(struct verify_keys *keys) {
    if (!keys)
        return;
    LIST_CLEAR(keys, verify_key_clear);
}

void verify_result_keep(struct verify_result *result, size_t hot_count, size_t mismatch_count) {
    struct verify_keys *hot = &result->hot, *named = &result->mismatched;
    while (hot->count > hot_count)
        free(hot->items[--hot->count].bytes);
    while (result->mismatches.count > mismatch_count) {
        struct verify_mismatch *last = &result->mismatches.items[--result->mismatches.count];
        if (last->key_sha256 && named->count > 0)
            free(named->items[--named->count].bytes);
        shape_clear(&mismatch_shape, last);
    }
}

void verify_result_clear(struct verify_result *result) {
    if (!result)
        return;
    verify_keys_clear(&result->hot);
    verify_keys_clear(&result->mismatched);
    shape_clear(&verify_result_shape, result); /* zeroes it whole */
}

int64_t verify_kinds_sum(const struct verify_kinds *kinds) {
    return kinds->missing + kinds->extra + kinds->type + kinds->value + kinds->expiry +
           kinds->functions;
}

void verify_result_conclude(struct verify_result *result) {
    bool wrong = verify_kinds_sum(&result->kinds) > 0, open = result->keys_hot > 0;
    open |= result->keys_unverifiable > 0;
    for (size_t i = 0; i < result->databases.count; i++) {
        wrong |= result->databases.items[i].verdict == VERDICT_MISMATCH;
        open |= result->databases.items[i].verdict == VERDICT_OPEN;
    }
    result->verdict = wrong ? VERDICT_MISMATCH : open ? VERDICT_OPEN : VERDICT_EQUAL;
}

static int64_t keys_of(const struct verify_databases *databases) {
    int64_t sum = 0;
    for (size_t i = 0; i < databases->count; i++)
        sum += databases->items[i].source_keys;
    return sum;
}

/* Nothing found in n draws: of the shares p that the draws do not rule out at 95 %, sum(n * p) is
 * at most 3, so that of all keys no more differ than 3 * max(share of the shard / its draws). */
static double most_that_differ(const struct verify_result *result) {
    double all = (double)keys_of(&result->databases), most = 3.0 / (double)result->keys_equal;
    for (size_t i = 0; i < result->shards.count; i++) {
        const struct verify_shard *shard = &result->shards.items[i];
        double held = (double)keys_of(&shard->databases);
        double of_shard = held > 0 ? held / all * 3.0 / (double)shard->keys_equal : 0;
        most = of_shard > most ? of_shard : most;
    }
    return most;
}

char *verify_bound(const struct verify_result *result) {
    if (verify_kinds_sum(&result->kinds) > 0 || result->keys_equal == 0)
        return NULL;
    if (!result->left_out)
        return xstrdup("no key was left out");
    double percent = 100 * most_that_differ(result);
    return xasprintf("at most %.2g %% of the keys differ (95 %% sure)",
                     percent < 100 ? percent : 100.0);
}

static void add_part(struct text *line, int64_t count, const char *what) {
    if (count == 0)
        return;
    text_add(line, ", ");
    units_add_count(line, count);
    text_addf(line, " %s", what);
}

static void add_databases(struct text *line, const struct verify_result *result) {
    size_t named = 0;
    for (size_t i = 0; i < result->databases.count; i++) {
        const struct verify_database *row = &result->databases.items[i];
        if (row->verdict == VERDICT_EQUAL || named++ >= NAMED_COUNT)
            continue;
        text_addf(line, ", db%d holds ", (int)row->database);
        units_add_count(line, row->source_keys);
        text_add(line, " keys on the source and ");
        units_add_count(line, row->target_keys);
        text_add(line, " on the target");
    }
    if (named > NAMED_COUNT)
        text_addf(line, ", and %zu more databases differ in their counts", named - NAMED_COUNT);
}

char *verify_result_line(const struct verify_result *result) {
    AUTO(text_clear) struct text line = { 0 };
    if (result->keys_compared) {
        text_add(&line, "compared ");
        units_add_count(&line, result->keys_compared);
        text_addf(&line, " keys: %s", verify_verdict_names[result->verdict]);
    } else {
        text_addf(&line, "compared the counts of %zu database%s: %s", result->databases.count,
                  result->databases.count == 1 ? "" : "s", verify_verdict_names[result->verdict]);
    }
    add_part(&line, result->kinds.missing, "missing");
    add_part(&line, result->kinds.extra, "only on the target");
    add_part(&line, result->kinds.type, "of another type");
    add_part(&line, result->kinds.value, "with another value");
    add_part(&line, result->kinds.expiry, "with another expiry");
    add_part(&line, result->kinds.functions, "difference in functions");
    add_part(&line, result->keys_hot, "still changing");
    add_part(&line, result->keys_unverifiable, "unverifiable");
    add_databases(&line, result);
    if (result->functions_unread)
        text_add(&line, ", functions not compared: a server does not allow us to list them");
    if (result->bound)
        text_addf(&line, "; %s", result->bound);
    return text_take(&line);
}

char *verify_progress_line(int64_t took_ms, int64_t done, int64_t total) {
    AUTO(text_clear) struct text line = { 0 };
    int64_t rate = done * 1000 / (took_ms + 1);
    text_addf(&line, "compared %" PRId64 " %% ", done < total ? done * 100 / total : 100);
    units_add_count(&line, done);
    text_add_char(&line, '/');
    units_add_count(&line, total);
    text_add(&line, " keys, ");
    units_add_count(&line, rate);
    text_add(&line, " keys/s");
    if (rate > 0 && done < total) {
        text_add(&line, ", eta ");
        units_add_duration(&line, (total - done) * 1000 / rate);
    }
    return text_take(&line);
}
