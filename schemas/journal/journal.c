#include "schemas/journal/journal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

static const char *const type_names[] = {
#define JOURNAL_TYPE(symbol, name, meaning) name,
#include "schemas/journal/entry_types.def"
#undef JOURNAL_TYPE
    NULL,
};

static const char *const mark_names[] = {
#define CUTOVER_MARK(symbol, name, sentence) name,
#include "schemas/journal/cutover_marks.def"
#undef CUTOVER_MARK
};

static const char *const mark_sentences[] = {
#define CUTOVER_MARK(symbol, name, sentence) sentence,
#include "schemas/journal/cutover_marks.def"
#undef CUTOVER_MARK
};

static const struct shape_field entry_rows[] = {
    FIELD(struct journal_entry, seq, SHAPE_INT, .flags = SHAPE_REQUIRED),
    FIELD(struct journal_entry, prev, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct journal_entry, epoch, SHAPE_INT, .flags = SHAPE_REQUIRED),
    FIELD(struct journal_entry, ts, SHAPE_STRING, .flags = SHAPE_REQUIRED),
    FIELD(struct journal_entry, type, SHAPE_CHOICE, .choices = type_names, .flags = SHAPE_REQUIRED),
    FIELD(struct journal_entry, step, SHAPE_STRING),
    FIELD(struct journal_entry, attempt, SHAPE_INT),
    FIELD(struct journal_entry, data, SHAPE_JSON),
};
const struct shape journal_entry_shape = SHAPE("journal entry", struct journal_entry, entry_rows);

const char *journal_type_name(enum journal_type type) {
    return type_names[type];
}

const char *journal_mark_name(enum journal_mark_id mark) {
    return mark_names[mark];
}

const char *journal_mark_sentence(enum journal_mark_id mark) {
    return mark_sentences[mark];
}

bool journal_parse(const void *bytes, size_t length, const char *name, struct journal_entry *out,
                   struct error *err) {
    if (length > JOURNAL_ENTRY_CEILING_BYTES)
        return error_set(err, ERROR_LIMIT, "'%s' is larger than 8 MiB", name);
    AUTO(json_free) struct json *document = NULL;
    AUTO(journal_entry_clear) struct journal_entry entry = { 0 };
    int64_t at_ms;
    if (!json_parse(bytes, length, name, &document, err))
        return false;
    if (!shape_read(&journal_entry_shape, document, &entry, err))
        return error_wrap(err, "'%s'", name);
    if (entry.seq < 1 || entry.epoch < 1 || entry.attempt < 0 || !clock_parse(entry.ts, &at_ms))
        return error_set(err, ERROR_FORMAT, "'%s': invalid seq, epoch, attempt or ts", name);
    if (entry.data && json_kind_of(entry.data) != JSON_KIND_OBJECT)
        return error_set(err, ERROR_FORMAT, "'%s': 'data' is not an object", name);
    json_digest(document, entry.hash);
    *out = MOVE(entry);
    return true;
}

int64_t journal_entry_time(const struct journal_entry *entry) {
    int64_t at_ms = 0;
    return clock_parse(entry->ts, &at_ms) ? at_ms : 0;
}

char *journal_write(struct journal_entry *entry) {
    AUTO(json_free) struct json *document = shape_write(&journal_entry_shape, entry);
    json_digest(document, entry->hash);
    return json_write(document, JSON_CANONICAL);
}

char *journal_entry_file(const struct journal_entry *entry) {
    return xasprintf("%06" PRId64 "-%s.json", entry->seq, type_names[entry->type]);
}

bool journal_verify(const struct journal_entries *entries, struct error *err) {
    const char *before = JOURNAL_NO_HASH;
    int64_t epoch = 0;
    for (size_t i = 0; i < entries->count; i++) {
        const struct journal_entry *entry = &entries->items[i];
        if (entry->seq != (int64_t)i + 1)
            return error_set(err, ERROR_FORMAT, "entry %zu is missing: '%" PRId64 "' follows",
                             i + 1, entry->seq);
        if (strcmp(entry->prev, before) != 0)
            return error_set(err, ERROR_FORMAT,
                             "entry %" PRId64 " does not carry the hash of the one before it",
                             entry->seq);
        if (entry->epoch < epoch)
            return error_set(err, ERROR_FORMAT, "entry %" PRId64 " was written under an older lock",
                             entry->seq);
        before = entry->hash;
        epoch = entry->epoch;
    }
    return true;
}

static void add_data(struct text *out, const struct json *data, const char *const *keys,
                     const char *before) {
    for (; *keys; keys++) {
        const char *value = json_find_string(data, *keys);
        if (!value)
            continue;
        text_addf(out, "%s%s", before, value);
        before = ", ";
    }
}

static const char *const described[] = { "state",  "class",   "gate", "summary",
                                         "reason", "message", NULL };

static void describe_plainly(const struct journal_entry *entry, const char *step,
                             struct text *out) {
    text_addf(out, "%s%s%s", step ? step : "", step ? " " : "", type_names[entry->type]);
    add_data(out, entry->data, described, ": ");
}

static void describe_gate(const struct journal_entry *entry, const char *state, struct text *out) {
    static const char *const why[] = { "summary", "reason", NULL };
    const char *gate = json_find_string(entry->data, "gate");
    bool passed = state && strcmp(state, "passed") == 0;
    text_addf(out, passed ? "gate %s passed" : "waits at gate %s", gate ? gate : "");
    add_data(out, entry->data, why, ": ");
}

void journal_describe(const struct journal_entry *entry, struct text *out) {
    static const char *const about_run[] = { "summary", "actor", "class", "reason", NULL };
    const char *state = json_find_string(entry->data, "state");
    const char *step = entry->step && *entry->step ? entry->step : NULL;
    switch (entry->type) {
    case JOURNAL_RUN_STARTED:
        text_add(out, state && strcmp(state, "resumed") == 0 ? "run resumed" : "run started");
        add_data(out, entry->data, about_run, ": ");
        return;
    case JOURNAL_RUN_FINISHED:
        text_add(out, "run finished");
        add_data(out, entry->data, about_run, ": ");
        return;
    case JOURNAL_STEP_STARTED:
        text_addf(out, "%s %s", step ? step : "step",
                  state && strcmp(state, "undo") == 0 ? "undo started" : "started");
        add_data(out, entry->data, (const char *const[]){ "summary", NULL }, ": ");
        break;
    case JOURNAL_STEP_FINISHED:
        text_addf(out, "%s finished", step ? step : "step");
        add_data(out, entry->data, described, ": ");
        break;
    case JOURNAL_GATE:
        describe_gate(entry, state, out);
        break;
    case JOURNAL_CHECKPOINT:
        if (state && strcmp(state, "stopped") == 0) {
            text_add(out, "stopped");
            add_data(out, entry->data, about_run, ": ");
            break;
        }
        describe_plainly(entry, step, out);
        break;
    case JOURNAL_CUTOVER:
    case JOURNAL_DRILL:
    case JOURNAL_LOCK:
        describe_plainly(entry, step, out);
        break;
    }
    if (entry->attempt > 1)
        text_addf(out, " (attempt %" PRId64 ")", entry->attempt);
}

void journal_entry_clear(struct journal_entry *entry) {
    shape_clear(&journal_entry_shape, entry);
}

void journal_entries_clear(struct journal_entries *entries) {
    LIST_CLEAR(entries, journal_entry_clear);
}
