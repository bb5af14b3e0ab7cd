/* Signed entries: a signature of the last entry of each commit, in a file of its own. The chain
 * makes it one of all entries before; who signed says under whose key they were added. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "schemas/base/memory.h"

void journal_sign(struct journal *journal, const struct signing_key *signer) {
    journal->signer = signer && signer->key ? signer : NULL;
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
