#include <string.h>

#include "providers/elasticache/credentials/source.h"
#include "schemas/base/memory.h"

#define THROUGH_CEILING 8 /* profiles that lend each other their roles */

static enum source_answer from_credential_source(const struct credential_lookup *lookup,
                                                 const char *where, const char *name,
                                                 struct credentials *out, struct error *err) {
    static const struct {
        const char *name;
        const struct credential_source *source;
    } rows[] = {
        { "Environment", &credential_source_environment },
        { "EcsContainer", &credential_source_container },
        { "Ec2InstanceMetadata", &credential_source_instance },
    };
    /* The role's profile asks for the process's own, no matter who asked for the profile. */
    struct settings settings = *lookup->settings;
    struct credential_lookup own = *lookup;
    settings.profile_forced = false;
    own.settings = &settings;
    own.through = NULL;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        enum source_answer answer = rows[i].source->look(&own, out, err);
        if (answer != SOURCE_EMPTY)
            return answer;
        return source_broken(err, where, "its credential_source provides no credentials", NULL);
    }
    return source_broken(err, where,
                         "credential_source is not Environment, EcsContainer or "
                         "Ec2InstanceMetadata",
                         NULL);
}

static enum source_answer from_profile(const struct credential_lookup *lookup, const char *where,
                                       const char *name, struct credentials *out,
                                       struct error *err) {
    AUTO(strings_clear) struct strings through = { 0 };
    struct settings settings = *lookup->settings;
    struct credential_lookup next = *lookup;
    if (lookup->through)
        strings_copy(&through, lookup->through);
    strings_add(&through, settings.profile);
    settings.profile = (char *)name;
    next.settings = &settings;
    next.through = &through;
    if (!settings_config(&settings) && !settings_credentials(&settings))
        return source_broken(err, where, "its source_profile is in neither file", NULL);
    /* Keys that stand there are meant, also where the profile is its own source. */
    enum source_answer answer = credential_source_credentials_file.look(&next, out, err);
    if (answer == SOURCE_EMPTY)
        answer = credential_source_config_file.look(&next, out, err);
    if (answer != SOURCE_EMPTY)
        return answer;
    if (strings_has(&through, name) || through.count > THROUGH_CEILING) {
        AUTO(string_free) char *way = strings_join(&through, "', '");
        error_set(err, ERROR_CREDENTIALS,
                  "the source_profile entries of '%s' form a loop, and none has keys", way);
        error_hint(err, "set the last source_profile to a profile with credentials");
        return SOURCE_BROKEN;
    }
    return credentials_find(&next, out, err) ? SOURCE_FOUND : SOURCE_BROKEN;
}

/* The AWS tools pass over a duration that is not a number. */
static const char *whole_number(const char *value) {
    return value && *value && strspn(value, "0123456789") == strlen(value) ? value : NULL;
}

static enum source_answer look(const struct credential_lookup *lookup, struct credentials *out,
                               struct error *err) {
    const struct settings *settings = lookup->settings;
    const char *role = settings_key(settings, "role_arn");
    const char *profile = settings_key(settings, "source_profile");
    const char *source = settings_key(settings, "credential_source");
    if (!role || settings_key(settings, "web_identity_token_file"))
        return SOURCE_EMPTY;
    AUTO(string_free) char *where = xasprintf("role '%s' of profile '%s'", role, settings->profile);
    if (!profile == !source)
        return source_broken(err, where, "source_profile or credential_source is required",
                             "it provides the keys that may assume the role");
    if (settings_key(settings, "mfa_serial"))
        return source_broken(
            err, where, "mfa_serial asks for a code, and ecmig cannot prompt for it",
            "assume the role by hand for as long as the migration may last, 'aws sts assume-role "
            "--serial-number ... --token-code ...', and put its keys into AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or use a role that machines may assume");
    AUTO(credentials_clear) struct credentials signer = { 0 };
    enum source_answer answer = profile
                                    ? from_profile(lookup, where, profile, &signer, err)
                                    : from_credential_source(lookup, where, source, &signer, err);
    if (answer != SOURCE_FOUND)
        return answer;
    const struct role_request request = {
        .role = role,
        .session = settings_key(settings, "role_session_name"),
        .external_id = settings_key(settings, "external_id"),
        .duration = whole_number(settings_key(settings, "duration_seconds")),
        .signer = &signer,
    };
    return source_role(lookup, where, &request, out, err);
}

const struct credential_source credential_source_assume_role = { look };
