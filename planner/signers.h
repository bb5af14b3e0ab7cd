/* Whose signatures count: the lines of the files of `approvals`, as people read them. Only
 * ssh-keygen decides what a line allows (providers/signature). Pure. */
#pragma once

#include <stdbool.h>

#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/plan/plan.h"

struct signers_line {
    char *principals; /* "ann@corp,bob@corp", or a pattern */
    char *options;    /* namespaces="…", cert-authority; NULL: none */
    char *key; /* "ED25519 SHA256:…", as ssh-keygen prints it; NULL: the line holds no key */
};
/* PRINCIPALS [OPTIONS] TYPE KEY [COMMENT], of an allowed_signers file. */
void signers_line_read(const char *line, struct signers_line *out);
/* What stands behind the principals: [OPTIONS] TYPE KEY, as a line of revoked_keys has it, too. */
char *signers_key(const char *words); /* NULL: no key; the caller frees */
void signers_line_clear(struct signers_line *line);
AUTO_VALUE(struct signers_line, signers_line_clear)

/* For a reviewer: who may approve the plan, with which keys, and how many must. One line for the
 * rules and one for each key, all out of what the digest covers. NULL where the migration file has
 * no `approvals`. The caller frees. */
char *signers_words(const struct plan_core *core);
