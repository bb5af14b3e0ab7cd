/* The policy of a pipeline: what a migration file that nobody has reviewed yet may reach and name.
 * What it does not allow is forbidden. */
#pragma once

#include <stdbool.h>

#include "schemas/base/error.h"
#include "schemas/base/findings.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/config/config.h"

enum policy_stand { POLICY_FORBIDDEN, POLICY_ALLOWED };

struct file_policy { /* no list allows nothing */
    int64_t version;
    struct {
        struct strings source, endpoint, state; /* HOST with * and ?, or ADDRESS/BITS */
    } hosts;
    struct {
        struct strings env, file; /* names with * and ?; whole paths of folders or files */
    } secrets;
    struct strings profiles;
    enum policy_stand exec, hooks;
};

/* Pure, as config_parse. */
MUST_CHECK bool file_policy_parse(const void *bytes, size_t length, const char *name,
                                  struct file_policy *out, struct findings *faults);
/* Adds a finding, with its key as subject, for everything in the configuration that the policy does
 * not allow. Pure; `folder` is the migration file's, absolute and without links. `state_given`: the
 * command line names the state repository, and the file's is not used. */
void file_policy_judge(const struct file_policy *policy, const struct config *config,
                       const char *folder, bool state_given, struct findings *out);
struct json *file_policy_schema(void); /* draft-07 */
void file_policy_clear(struct file_policy *policy);
AUTO_VALUE(struct file_policy, file_policy_clear)
