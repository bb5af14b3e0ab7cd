#include "cmd/views/verification.h"

#include <inttypes.h>

#include "cmd/views/view.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

#define VERIFICATION_COLUMNS 8             /* of the labels */
#define DATABASES_SHOWN_COUNT ((size_t)32) /* JSON has all */
#define SHOWN_COUNT ((size_t)20) /* shards, and mismatches; JSON has those that are kept */

/* Bytes outside of printable ASCII as \xNN. */
static void add_name(struct text *text, const struct verify_key *key) {
    for (size_t i = 0; i < key->length; i++) {
        unsigned char byte = (unsigned char)key->bytes[i];
        if (byte < ' ' || byte > '~' || byte == '\\')
            text_addf(text, "\\x%02x", byte);
        else
            text_add_char(text, (char)byte);
    }
}

static const struct sheet_column mismatch_columns[] = { { "what", 9, 0 }, { "key", 0, 0 }, { 0 } };

static void say_mismatches(const struct verification_page *comparison, struct sheet *sheet) {
    const struct verify_result *result = comparison->result;
    size_t named = 0;
    if (result->mismatches.count)
        sheet_table(sheet, mismatch_columns);
    for (size_t i = 0; i < result->mismatches.count && i < SHOWN_COUNT; i++) {
        const struct verify_mismatch *mismatch = &result->mismatches.items[i];
        AUTO(text_clear) struct text words = TEXT_PAGE;
        if (mismatch->key_sha256) {
            const struct verify_key *key = &result->mismatched.items[named++];
            text_addf(&words, "db%" PRId64 " ", mismatch->database);
            if (comparison->shows_keys)
                add_name(&words, key);
            else
                text_addf(&words, "key of sha256:%s", mismatch->key_sha256);
        }
        if (mismatch->shard)
            text_addf(&words, "%s(slots %s)", words.length ? " " : "", mismatch->shard);
        sheet_cell(sheet, mismatch->kind);
        sheet_cell(sheet, text_string(&words));
    }
    int64_t all = verify_kinds_sum(&result->kinds);
    if (all <= (int64_t)SHOWN_COUNT)
        return;
    struct text *line = sheet_point(sheet, "  ");
    text_add(line, "and ");
    units_add_count(line, all - (int64_t)SHOWN_COUNT);
    text_add(line, " more; --format json has the first 1,000");
}

static void say_where(const struct verification_page *comparison, struct sheet *sheet) {
    const struct verify_pair *first = &comparison->pairs->items[0];
    const struct verify_result *result = comparison->result;
    size_t count = comparison->pairs->count;
    struct text *line = sheet_label(sheet, "source");
    if (count == 1)
        text_addf(line, "%s", redis_name(first->source));
    else
        text_addf(line, "%zu shards, %s and others", count, redis_name(first->source));
    line = sheet_label(sheet, "target");
    text_addf(line, "%s, ", count == 1 ? redis_name(first->target) : comparison->target);
    if (result->detached)
        text_add(line, "detached: the target is a primary; both sides were read as they are");
    else if (count > 1)
        text_add(line, "replicating");
    else
        text_addf(line, "replicating; at offset %" PRId64 " with the source at %" PRId64,
                  result->target_offset, result->source_offset);
}

static void say_part(struct text *page, int64_t compared, int64_t hot, int64_t mismatched,
                     enum verify_verdict verdict) {
    units_add_count(page, compared);
    text_addf(page, " keys: %s", verify_verdict_names[verdict]);
    if (mismatched > 0) {
        text_add(page, ", ");
        units_add_count(page, mismatched);
        text_add(page, " differ");
    }
    if (hot > 0) {
        text_add(page, ", ");
        units_add_count(page, hot);
        text_add(page, " still changing");
    }
}

static void say_shard(const struct verify_shard *shard, struct sheet *sheet) {
    struct text *line = sheet_label(sheet, "slots");
    text_addf(line, "%s, ", shard->slots);
    say_part(line, shard->keys_compared, shard->keys_hot, verify_kinds_sum(&shard->kinds),
             shard->verdict);
    if (shard->source_offset >= 0)
        text_addf(line, "; at offset %" PRId64 " with the source at %" PRId64, shard->target_offset,
                  shard->source_offset);
}

/* Those with something to say first. */
static void say_shards(const struct verify_shards *shards, struct sheet *sheet) {
    size_t said = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < shards->count && said < SHOWN_COUNT; i++) {
            if ((shards->items[i].verdict == VERDICT_EQUAL) != (pass == 1))
                continue;
            said++;
            say_shard(&shards->items[i], sheet);
        }
    }
    if (said < shards->count)
        text_addf(sheet_point(sheet, "  "), "and %zu more; --format json has all",
                  shards->count - said);
}

/* Which servers of the source were read: asking for replicas may not get them. */
static void say_readings(const struct verify_shards *shards, struct sheet *sheet) {
    size_t replicas = 0, said = 0;
    for (size_t i = 0; i < shards->count; i++)
        replicas += shards->items[i].settled_by != NULL;
    if (shards->count > 1)
        text_addf(sheet_label(sheet, "read"), "a replica of the source in %zu of %zu shards",
                  replicas, shards->count);
    for (size_t i = 0; i < shards->count && said < SHOWN_COUNT; i++) {
        const struct verify_shard *shard = &shards->items[i];
        if (shard->not_replica)
            text_addf(sheet_label(sheet, "read"), "the primary %s, not a replica: %s",
                      shard->source, shard->not_replica);
        else if (shards->count == 1)
            text_addf(sheet_label(sheet, "read"), "the replica %s; %s decided what differed",
                      shard->source, shard->settled_by);
        said += shard->not_replica != NULL;
    }
}

/* What a replica has otherwise than both its primary and the target. */
static void say_strays(const struct verify_shards *shards, struct sheet *sheet) {
    for (size_t i = 0; i < shards->count; i++) {
        const struct verify_shard *shard = &shards->items[i];
        if (shard->replica_differs > 0) {
            struct text *line = sheet_label(sheet, "replica");
            text_addf(line, "%s differs from its primary %s in ", shard->source, shard->settled_by);
            units_add_count(line, shard->replica_differs);
            text_add(line, shard->replica_differs == 1
                               ? " key; there, the primary and the target agree"
                               : " keys; there, the primary and the target agree");
        }
        if (shard->replica_writable)
            text_addf(sheet_label(sheet, "replica"),
                      "%s accepts writes of its own: CONFIG SET replica-read-only yes stops that; "
                      "copy it again before you rely on it",
                      shard->source);
    }
}

static const struct sheet_column database_columns[] = { { "database", 8, 0 },
                                                        { "keys", 0, 0 },
                                                        { 0 } };

/* Of many databases, those that differ come first. */
static void say_databases(const struct verify_databases *databases, struct sheet *sheet) {
    size_t said = 0;
    bool all = databases->count <= DATABASES_SHOWN_COUNT;
    if (databases->count > 1)
        sheet_table(sheet, database_columns);
    for (size_t i = 0; databases->count > 1 && i < databases->count; i++) {
        const struct verify_database *row = &databases->items[i];
        AUTO(text_clear) struct text words = TEXT_PAGE;
        if (!all && (row->verdict == VERDICT_EQUAL || said == DATABASES_SHOWN_COUNT))
            continue;
        said++;
        units_add_count(&words, row->source_keys);
        text_add(&words, " keys on the source, ");
        units_add_count(&words, row->target_keys);
        text_add(&words, " on the target, ");
        units_add_count(&words, row->keys_compared);
        text_add(&words, " compared");
        sheet_cellf(sheet, "db%" PRId64, row->database);
        sheet_cell(sheet, text_string(&words));
    }
    if (!all)
        text_addf(sheet_point(sheet, "  "), "and %zu more databases; --format json has all",
                  databases->count - said);
}

static void say_times(const struct verify_result *result, struct sheet *sheet) {
    struct text *line = sheet_label(sheet, "took");
    units_add_duration(line, result->took_ms);
    if (result->keys_compared > 0 && result->took_ms > 0) {
        text_add(line, ", ");
        units_add_count(line, result->keys_compared * 1000 / result->took_ms);
        text_add(line, " keys/s");
    }
    if (result->keys_expiring > 0)
        text_addf(sheet_label(sheet, "expired"), "%" PRId64 " keys while they were compared",
                  result->keys_expiring);
    if (result->expiry_tolerance_ms > 0)
        text_addf(sheet_label(sheet, "expiry"),
                  "equal within %" PRId64 " ms: older servers report it as a relative time",
                  result->expiry_tolerance_ms);
}

static void fill(const struct view *view, struct sheet *sheet) {
    const struct verification_page *comparison = view->verification;
    const struct verify_result *result = comparison->result;
    AUTO(string_free) char *line = verify_result_line(result);
    sheet->label_columns = VERIFICATION_COLUMNS;
    text_addf(sheet_headline(sheet), "ecmig verify %s: %s", comparison->migration, line);
    sheet_gap(sheet);
    say_where(comparison, sheet);
    if (comparison->reads_replicas)
        say_readings(&result->shards, sheet);
    if (result->resumed)
        text_add(sheet_label(sheet, "resumed"), "an earlier call compared a part of it");
    if (result->backed_off_ms > 0) {
        struct text *held = sheet_label(sheet, "load");
        text_add(held, "throttled for ");
        units_add_duration(held, result->backed_off_ms);
        text_add(held, ": the source was under load");
    }
    if (result->shards.count > 1)
        say_shards(&result->shards, sheet);
    say_databases(&result->databases, sheet);
    say_times(result, sheet);
    say_strays(&result->shards, sheet);
    say_mismatches(comparison, sheet);
}

static struct json *names_json(const struct verify_result *result) {
    struct json *list = json_new_array();
    for (size_t i = 0, named = 0; i < result->mismatches.count; i++) {
        const struct verify_mismatch *mismatch = &result->mismatches.items[i];
        if (!mismatch->key_sha256)
            continue;
        AUTO(text_clear) struct text name = { 0 };
        add_name(&name, &result->mismatched.items[named++]);
        struct json *entry = json_new_object();
        json_put_string(entry, "kind", mismatch->kind);
        json_put_int(entry, "database", mismatch->database);
        json_put_string(entry, "key", text_string(&name));
        json_append(list, entry);
    }
    return list;
}

static struct json *write_json(const struct view *view) {
    const struct verification_page *comparison = view->verification;
    struct json *document = shape_write(&verify_result_shape, comparison->result);
    if (comparison->shows_keys)
        json_put(document, "keys", names_json(comparison->result));
    return document;
}

const struct view_document view_document_verification = { .fill = fill, .json = write_json };
