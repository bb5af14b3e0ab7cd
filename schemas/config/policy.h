/* The policy of a pipeline: what a command with a migration file that nobody has reviewed yet may
 * reach and name.
 * What it does not allow is forbidden. */
#pragma once

#include <stdbool.h>

#include "schemas/base/error.h"
#include "schemas/base/findings.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/config/config.h"
#include "schemas/json/pairs.h"

enum file_policy_stand { POLICY_FORBIDDEN, POLICY_ALLOWED };

struct file_policy { /* no list allows nothing */
    int64_t version;
    struct {
        struct strings source, endpoint, state; /* HOST with * and ?, or ADDRESS/BITS */
    } hosts;
    struct {
        struct strings env, file; /* names with * and ?; whole paths of folders or files */
    } secrets;
    struct strings profiles;
    enum file_policy_stand exec, hooks;
};

/* Pure, as config_parse. */
MUST_CHECK bool file_policy_parse(const void *bytes, size_t length, const char *name,
                                  struct file_policy *out, struct findings *faults);
/* What counts in place of the migration file, or beside it, wherever it was given. */
struct file_policy_given {
    const char *state;             /* --state: the file's repository is not used; NULL: not given */
    const char *profile;           /* by the environment, where the file names none; or NULL */
    const struct pairs *endpoints; /* service -> URL in place of its own, but not by the file */
};
/* Adds a finding, with its key as subject, for everything in the configuration, and for everything
 * given, that the policy does not allow. Pure; `folder` is the migration file's, absolute and
 * without links. Without a file `config` is NULL. */
void file_policy_judge(const struct file_policy *policy, const struct config *config,
                       const char *folder, const struct file_policy_given *given,
                       struct findings *out);
struct json *file_policy_schema(void); /* draft-07 */
void file_policy_clear(struct file_policy *policy);
AUTO_VALUE(struct file_policy, file_policy_clear)
