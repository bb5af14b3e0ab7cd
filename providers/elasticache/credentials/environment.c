#include "providers/elasticache/credentials/source.h"
#include "schemas/base/clock.h"

static enum source_answer look(const struct credential_lookup *lookup, struct credentials *out,
                               struct error *err) {
    const struct settings *settings = lookup->settings;
    /* A profile asked for by name means that one, no matter what the environment holds. */
    if (settings->profile_forced || lookup->through)
        return SOURCE_EMPTY;
    /* The older name wins where both are set, as with the AWS tools. */
    const char *token = settings_environment("AWS_SECURITY_TOKEN");
    const char *expiration = settings_environment("AWS_CREDENTIAL_EXPIRATION");
    enum source_answer answer =
        source_pair("the environment", settings_environment("AWS_ACCESS_KEY_ID"),
                    settings_environment("AWS_SECRET_ACCESS_KEY"),
                    token ? token : settings_environment("AWS_SESSION_TOKEN"), out, err);
    /* A variable cannot change under us: the time is for saying what is wrong. */
    if (answer == SOURCE_FOUND && expiration && !clock_parse(expiration, &out->expires_at_ms))
        out->expires_at_ms = 0;
    return answer;
}

const struct credential_source credential_source_environment = { look };
