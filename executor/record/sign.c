/* Signed entries: a signature of the last entry of each commit, in a file of its own. The chain
 * makes it one of all entries before; who signed says under whose key they were added. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define CONFLICT_TRIES 50

void journal_sign(struct journal *journal, const struct signing_key *signer) {
    journal->signer = signer && signer->key ? signer : NULL;
}

void journal_heed(struct journal *journal, const struct approval_policy *keys) {
    journal->keys = keys;
}

bool journal_entry_signature(const struct signing_key *signer, const struct signed_entry *entry,
                             char **path, char **document, struct error *err) {
    AUTO(json_free) struct json *json = json_new_object();
    json_put_string(json, "migration", entry->migration);
    json_put_string(json, "record", entry->record);
    json_put_string(json, "run", entry->run);
    json_put_int(json, "seq", entry->seq);
    json_put_string(json, "hash", entry->hash);
    if (!signing_key_sign(signer, SIGNED_ENTRY, json, err))
        return false;
    AUTO(string_free) char *words = json_write(json, JSON_PRETTY);
    *document = xasprintf("%s\n", words);
    *path = migration_path(entry->migration, "runs/%s/signatures/%06" PRId64 ".json", entry->run,
                           entry->seq);
    return true;
}

bool journal_sign_head(struct journal *journal, struct error *err) {
    const struct journal_state *state = &journal->state;
    AUTO(string_free) char *document = NULL;
    char *path = NULL;
    if (!journal->signer || journal->signed_seq == state->last_seq)
        return true;
    if (!journal->record && !gitstore_root(journal->store, &journal->record, err))
        return false;
    const struct signed_entry entry = { journal->migration, journal->record, journal->run,
                                        state->last_seq, state->head };
    if (!journal_entry_signature(journal->signer, &entry, &path, &document, err))
        return false;
    journal_pend(journal, path, document, strlen(document));
    journal->signed_seq = state->last_seq;
    return true;
}

static bool vouch_once(const struct journal_reading *reading, const char *run,
                       const struct signing_key *signer, int64_t *seq, struct error *err) {
    struct gitstore *store = reading->store;
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    AUTO(string_free) char *record = NULL;
    AUTO(string_free) char *path = NULL;
    AUTO(string_free) char *document = NULL;
    if (!journal_read_run(store, reading->migration, run, &files, err) ||
        !gitstore_root(store, &record, err))
        return false;
    const struct journal_state *state = &files.state;
    const struct signed_entry entry = { reading->migration, record, run, state->last_seq,
                                        state->head };
    if (!journal_entry_signature(signer, &entry, &path, &document, err))
        return false;
    AUTO(string_free)
    char *subject = xasprintf("entry %" PRId64 " vouched for by %s", state->last_seq, signer->name);
    AUTO(string_free) char *message = journal_message(reading->migration, run, state, subject);
    const struct gitstore_change change = { path, document, strlen(document) };
    if (!gitstore_preview(store, &change, 1, message, err))
        return false;
    bool verified = journal_trust(reading, run, err);
    gitstore_preview_end(store);
    *seq = state->last_seq;
    return verified && gitstore_commit(store, &change, 1, message, err);
}

bool journal_vouch(const struct journal_reading *reading, const char *run,
                   const struct signing_key *signer, int64_t *seq, struct error *err) {
    for (int i = 1; !vouch_once(reading, run, signer, seq, err); i++) {
        if (err->code != ERROR_CONFLICT || i == CONFLICT_TRIES)
            return error_wrap(err, "the entry is not signed");
        error_clear(err);
        if (!gitstore_refresh(reading->store, err))
            return false;
        clock_sleep_ms(i);
    }
    return true;
}
