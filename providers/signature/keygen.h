/* One run of ssh-keygen, and the files that it reads: internal to this folder. */
#pragma once

#include "providers/process/process.h"
#include "providers/signature/signature.h"

/* A private folder for the files of one question, gone with it. */
struct keygen_files {
    char *folder;
    struct strings names;
};
MUST_CHECK bool keygen_files_open(struct keygen_files *out, struct error *err);
/* Its path; NULL with an error. Owned by `files`. */
const char *keygen_file(struct keygen_files *files, const char *name, const void *bytes,
                        size_t length, struct error *err);
void keygen_files_close(struct keygen_files *files);
AUTO_VALUE(struct keygen_files, keygen_files_close)

MUST_CHECK bool keygen_run(const struct strings *arguments, const struct signature_message *message,
                           int64_t within_ms, struct process_result *out, struct error *err);
/* What it said last, without its newline; the caller frees. NULL when it said nothing. */
char *keygen_words(const struct process_result *result);
