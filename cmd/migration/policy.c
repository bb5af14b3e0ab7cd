#include "cmd/migration/policy.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/frame/faults.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/config/policy.h"

static bool read_policy(const struct call *call, const char *path, struct file_policy *out,
                        struct error *err) {
    AUTO(text_clear) struct text content = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    if (!file_read(path, CONFIG_FILE_CEILING_BYTES, &content, err)) {
        err->code = ERROR_CONFIG;
        return error_wrap(err, "policy") ||
               error_hint(err, "'ecmig help policy' describes the file");
    }
    if (file_policy_parse(text_string(&content), content.length, path, out, &faults))
        return true;
    faults_say(call->output, &faults);
    return error_set(err, ERROR_CONFIG, "%zu errors in the policy '%s'",
                     findings_count(&faults, SEVERITY_ERROR), path) ||
           error_hint(err, "fix the errors above; 'ecmig help policy' describes the file");
}

bool policy_holds(const struct call *call, const struct config *config, const char *folder,
                  struct error *err) {
    const char *given = options_string(call->options, "policy"), *named = getenv("ECMIG_POLICY");
    const char *path = given ? given : named && *named ? named : NULL;
    AUTO(file_policy_clear) struct file_policy policy = { 0 };
    AUTO(findings_clear) struct findings broken = { 0 };
    if (!path)
        return true;
    if (!read_policy(call, path, &policy, err))
        return false;
    char *real = realpath(folder, NULL);
    file_policy_judge(&policy, config, real ? real : folder, options_given(call->options, "state"),
                      &broken);
    free(real);
    if (!broken.count)
        return true;
    faults_say(call->output, &broken);
    return error_set(err, ERROR_BLOCKED, "the migration file breaks the policy '%s' in %zu place%s",
                     path, broken.count, broken.count == 1 ? "" : "s") ||
           error_hint(err, "nothing was connected to, read or run; change the file, or have the "
                           "policy changed by who is responsible for it: ecmig help policy");
}
