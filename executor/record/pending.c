/* What the next commit has: its files and its message. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "executor/record/inside.h"
#include "schemas/base/memory.h"

void journal_pend(struct journal *journal, char *path, const void *bytes, size_t length) {
    struct pending_file *file = NULL;
    for (size_t i = 0; i < journal->pending.count && !file; i++) {
        if (strcmp(journal->pending.items[i].path, path) == 0)
            file = &journal->pending.items[i];
    }
    if (!file)
        file = LIST_ADD(&journal->pending);
    free(file->path);
    free(file->bytes);
    *file = (struct pending_file){ path, xstrndup(bytes, length), length };
}

void journal_pend_shape(struct journal *journal, char *path, const struct shape *shape,
                        const void *object) {
    AUTO(json_free) struct json *document = shape_write(shape, object);
    AUTO(string_free) char *words = json_write(document, JSON_PRETTY);
    AUTO(string_free) char *line = xasprintf("%s\n", words);
    journal_pend(journal, path, line, strlen(line));
}

void journal_forget_pending(struct journal *journal) {
    for (size_t i = 0; i < journal->pending.count; i++) {
        free(journal->pending.items[i].path);
        free(journal->pending.items[i].bytes);
    }
    free(journal->pending.items);
    journal->pending.items = NULL;
    journal->pending.count = 0;
}

char *journal_message(const char *migration, const char *run, const struct journal_state *state,
                      const char *subject) {
    return xasprintf(
        "ecmig(%s): %s\n\nEcmig-Run: %s\nEcmig-Seq: %" PRId64 "\nEcmig-Plan: %s\nEcmig-Entry: %s\n",
        migration, subject, run, state->last_seq, state->plan ? state->plan : "none", state->head);
}
