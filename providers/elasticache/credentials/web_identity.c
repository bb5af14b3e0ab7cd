#include <string.h>

#include "providers/elasticache/credentials/source.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define TOKEN_CEILING_BYTES 20000 /* what STS takes */

static const char *value(const struct settings *settings, bool own, const char *variable,
                         const char *key) {
    return settings_value(settings, own ? variable : NULL, key);
}

static enum source_answer look(const struct credential_lookup *lookup, struct credentials *out,
                               struct error *err) {
    const struct settings *settings = lookup->settings;
    bool own = !lookup->through && !settings->profile_forced;
    /* Each by itself: a pod's variables and a profile complete each other, as with the AWS tools.
     */
    const char *file =
        value(settings, own, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    const char *role = value(settings, own, "AWS_ROLE_ARN", "role_arn");
    const char *session = value(settings, own, "AWS_ROLE_SESSION_NAME", "role_session_name");
    if (!file)
        return SOURCE_EMPTY;
    AUTO(string_free) char *where = xasprintf("web identity token '%s'", file);
    if (!role)
        return source_broken(err, where, "no role is configured for it",
                             "set AWS_ROLE_ARN, or role_arn in the profile");
    AUTO(text_clear) struct text token = { 0 };
    if (!file_read(file, TOKEN_CEILING_BYTES, &token, err)) {
        err->code = ERROR_CREDENTIALS;
        error_wrap(err, "web identity token");
        return SOURCE_BROKEN;
    }
    while (token.length && strchr("\r\n", token.bytes[token.length - 1]))
        token.bytes[--token.length] = '\0';
    const struct role_request request = { .role = role,
                                          .session = session,
                                          .token = text_string(&token) };
    enum source_answer answer = token.length ? source_role(lookup, where, &request, out, err)
                                             : source_broken(err, where, "the file is empty", NULL);
    if (token.bytes)
        secret_wipe(token.bytes, token.capacity);
    return answer;
}

const struct credential_source credential_source_web_identity = { look };
