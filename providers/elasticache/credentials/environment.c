#include "providers/elasticache/credentials/source.h"

static enum source_answer look(const struct settings *settings, struct credentials *out,
                               struct error *err) {
    /* A profile asked for by name means that one, whatever the environment holds. */
    if (settings->profile_forced)
        return SOURCE_EMPTY;
    const char *token = settings_environment("AWS_SESSION_TOKEN");
    return source_pair("the environment", settings_environment("AWS_ACCESS_KEY_ID"),
                       settings_environment("AWS_SECRET_ACCESS_KEY"),
                       token ? token : settings_environment("AWS_SECURITY_TOKEN"), out, err);
}

const struct credential_source credential_source_environment = { look };
