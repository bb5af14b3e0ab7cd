#include "cmd/views/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/migration/state.h"
#include "cmd/views/view.h"
#include "schemas/base/memory.h"

#define DAY_BYTES 10 /* "2026-11-22" */

void log_pages_clear(struct log_pages *pages) {
    for (size_t i = 0; i < pages->migrations.count; i++) {
        struct log_migration *migration = &pages->migrations.items[i];
        string_free(migration->name);
        run_summaries_clear(&migration->runs);
        lock_record_clear(&migration->lock);
        string_free(migration->broken_lock);
    }
    free(pages->migrations.items);
    journal_run_files_clear(&pages->files);
    findings_clear(&pages->found);
    strings_clear(&pages->proven);
}

static const struct sheet_column run_columns[] = {
    { "run", 22, 0 }, { "mode", 8, 0 }, { "started", 20, 1 }, { "how it stands", 0, 0 }, { 0 }
};

static void add_migration(const struct log_pages *pages, const struct log_migration *migration,
                          struct sheet *sheet) {
    text_addf(sheet_headline(sheet), "%s", migration->name);
    if (migration->broken_lock)
        text_addf(sheet_point(sheet, "  "), "the lock cannot be read: %s", migration->broken_lock);
    if (pages->is_broken)
        return;
    if (migration->runs.count)
        sheet_table(sheet, run_columns);
    else
        text_add(sheet_point(sheet, "  "), "no run yet");
    for (size_t i = 0; i < migration->runs.count; i++) {
        const struct run_summary *run = &migration->runs.items[i];
        AUTO(text_clear) struct text words = TEXT_PAGE;
        state_run_words(run, migration->works && i == 0, &words);
        sheet_cell(sheet, run->run);
        sheet_cell(sheet, run->mode);
        sheet_cell(sheet, run->started_at);
        sheet_cell(sheet, text_string(&words));
    }
}

static const struct sheet_column entry_columns[] = {
    { "entry", -4, 1 }, { "time (UTC)", 12, 1 }, { "what", 0, 0 }, { 0 }
};

static void add_entry(const struct journal_entry *entry, const char *day, struct sheet *sheet) {
    AUTO(text_clear) struct text words = TEXT_PAGE;
    if (!day || strncmp(day, entry->ts, DAY_BYTES) != 0) {
        text_addf(sheet_sentence(sheet), "%.*s", DAY_BYTES, entry->ts);
        sheet_table(sheet, entry_columns);
    }
    journal_describe(entry, &words);
    sheet_cellf(sheet, "%" PRId64, entry->seq);
    sheet_cellf(sheet, "%.12s", strlen(entry->ts) > DAY_BYTES ? entry->ts + DAY_BYTES + 1 : "");
    sheet_cell(sheet, text_string(&words));
}

static void add_run(const struct log_pages *pages, struct sheet *sheet) {
    const struct run_record *record = &pages->files.record;
    const struct journal_state *state = &pages->files.state;
    const struct journal_entries *entries = &pages->files.entries;
    text_addf(sheet_headline(sheet), "%s %s: %s by %s on %s, plan sha256:%s", pages->migration,
              pages->run, record->mode, record->actor ? record->actor : "somebody",
              record->host ? record->host : "?", state->plan ? state->plan : record->plan);
    for (size_t i = 0; i < entries->count; i++)
        add_entry(&entries->items[i], i ? entries->items[i - 1].ts : NULL, sheet);
    text_addf(sheet_sentence(sheet), "head sha256:%s", state->head);
}

static void add_verdict(const struct log_pages *pages, struct sheet *sheet) {
    const struct findings *found = &pages->found;
    for (size_t i = 0; i < found->count; i++)
        text_addf(sheet_point(sheet, "! "), "%s %s: %s", found->items[i].id,
                  found->items[i].subject, found->items[i].summary);
    for (size_t i = 0; i < pages->proven.count; i++)
        text_addf(sheet_point(sheet, "  "), "%s", pages->proven.items[i]);
    text_add(sheet_sentence(sheet),
             findings_count(found, SEVERITY_ERROR) ? "NOT VERIFIED"
             : pages->proven.count
                 ? "verified: chain, commits, stored documents and signatures agree"
                 : "verified: chain, commits and stored documents agree; nothing is signed, so "
                   "this shows that the authors had push rights, not who they are");
}

static void fill(const struct view *view, struct sheet *sheet) {
    const struct log_pages *pages = view->log;
    if (pages->run)
        add_run(pages, sheet);
    for (size_t i = 0; i < pages->migrations.count; i++)
        add_migration(pages, &pages->migrations.items[i], sheet);
    if (!pages->run && !pages->migrations.count)
        text_add(sheet_sentence(sheet), "the state is empty");
    if (pages->is_verified)
        add_verdict(pages, sheet);
}

static void put_migration(struct json *document, const struct log_pages *pages,
                          const struct log_migration *migration) {
    json_put_string(document, "migration", migration->name);
    if (migration->locked)
        json_put(document, "lock", state_lock_json(&migration->lock));
    if (pages->is_broken)
        return;
    struct json *runs = json_new_array();
    for (size_t i = 0; i < migration->runs.count; i++)
        json_append(runs, shape_write(&run_summary_shape, &migration->runs.items[i]));
    json_put(document, "runs", runs);
}

static void put_run(struct json *document, const struct log_pages *pages) {
    const struct journal_run_files *files = &pages->files;
    struct json *entries = json_new_array();
    for (size_t i = 0; i < files->entries.count; i++) {
        const struct journal_entry *entry = &files->entries.items[i];
        struct json *item = shape_write(&journal_entry_shape, entry);
        json_put_string(item, "hash", entry->hash);
        json_append(entries, item);
    }
    json_put_string(document, "migration", pages->migration);
    json_put(document, "run", shape_write(&run_record_shape, &files->record));
    json_put(document, "entries", entries);
    json_put_string(document, "head", files->state.head);
    if (files->result.class)
        json_put(document, "result", shape_write(&run_result_shape, &files->result));
}

static void put_verdict(struct json *document, const struct log_pages *pages) {
    struct json *list = json_new_array();
    for (size_t i = 0; i < pages->found.count; i++) {
        struct json *item = json_new_object();
        json_put_string(item, "id", pages->found.items[i].id);
        json_put_string(item, "severity", severity_name(pages->found.items[i].severity));
        json_put_string(item, "subject", pages->found.items[i].subject);
        json_put_string(item, "summary", pages->found.items[i].summary);
        json_append(list, item);
    }
    json_put_strings(document, "proven", &pages->proven);
    json_put_bool(document, "verified", findings_count(&pages->found, SEVERITY_ERROR) == 0);
    json_put(document, "findings", list);
}

static struct json *list_json(const struct log_pages *pages) {
    struct json *list = json_new_array();
    for (size_t i = 0; i < pages->migrations.count; i++) {
        struct json *item = json_new_object();
        put_migration(item, pages, &pages->migrations.items[i]);
        json_append(list, item);
    }
    return list;
}

static struct json *write_json(const struct view *view) {
    const struct log_pages *pages = view->log;
    struct json *document = json_new_object();
    if (pages->run)
        put_run(document, pages);
    else if (pages->is_one)
        put_migration(document, pages, &pages->migrations.items[0]);
    else
        json_put(document, "migrations", list_json(pages));
    if (pages->is_verified)
        put_verdict(document, pages);
    return document;
}

const struct view_document view_document_log = { .fill = fill, .json = write_json };
