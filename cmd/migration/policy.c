#include "cmd/migration/policy.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/frame/faults.h"
#include "providers/elasticache/elasticache.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/config/policy.h"

static bool read_policy(const struct call *call, const char *path, struct file_policy *out,
                        struct error *err) {
    AUTO(text_clear) struct text content = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    if (!file_read(path, CONFIG_FILE_CEILING_BYTES, &content, err)) {
        err->code = ERROR_CONFIG;
        error_wrap(err, "policy");
        return error_hint(err, "'ecmig help policy' describes the file");
    }
    if (file_policy_parse(text_string(&content), content.length, path, out, &faults))
        return true;
    faults_say(call->output, &faults);
    error_set(err, ERROR_CONFIG, "%zu errors in the policy '%s'",
              findings_count(&faults, SEVERITY_ERROR), path);
    return error_hint(err, "fix the errors above; 'ecmig help policy' describes the file");
}

/* Where the AWS configuration cannot be read, nothing is asked either, and the plan says so. */
static void look_at_service(const struct config *config, struct elasticache_given *out) {
    AUTO(error_clear) struct error unread = { 0 };
    const struct elasticache_options options = { .endpoint_url = config->target.endpoint_url,
                                                 .profile = config->target.profile };
    (void)!elasticache_look(&options, out, &unread);
}

bool file_policy_holds(const struct call *call, const struct config *config, const char *folder,
                       struct error *err) {
    const char *given = options_string(call->options, "policy"), *named = getenv("ECMIG_POLICY");
    const char *path = given ? given : named && *named ? named : NULL;
    AUTO(file_policy_clear) struct file_policy policy = { 0 };
    AUTO(elasticache_given_clear) struct elasticache_given service = { 0 };
    AUTO(findings_clear) struct findings broken = { 0 };
    if (!path)
        return true;
    if (!read_policy(call, path, &policy, err))
        return false;
    if (config)
        look_at_service(config, &service);
    const struct file_policy_given beside = { .state = options_string(call->options, "state"),
                                              .profile = service.profile,
                                              .endpoints = &service.endpoints };
    char *real = realpath(folder, NULL);
    file_policy_judge(&policy, config, real ? real : folder, &beside, &broken);
    free(real);
    if (!broken.count)
        return true;
    faults_say(call->output, &broken);
    error_set(err, ERROR_BLOCKED, "this command breaks the policy '%s' in %zu place%s", path,
              broken.count, broken.count == 1 ? "" : "s");
    return error_hint(err, "nothing was connected to or run; change what is listed above, or ask "
                           "the owner of the policy to change it: ecmig help policy");
}
