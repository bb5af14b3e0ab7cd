#include "providers/elasticache/settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/expand.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/secret.h"

const char *settings_environment(const char *variable) {
    const char *value = getenv(variable);
    return value && *value ? value : NULL;
}

static char *path_of(const char *variable, const char *usual) {
    const char *path = settings_environment(variable);
    return expand_path(path ? path : usual);
}

static bool load(const char *path, struct profile_file *out, struct error *err) {
    AUTO(error_clear) struct error failure = { 0 };
    AUTO(text_clear) struct text text = { 0 };
    if (!file_read(path, PROFILE_FILE_CEILING_BYTES, &text, &failure)) {
        if (failure.code == ERROR_NOT_FOUND)
            return true;
        error_move(err, &failure);
        return false;
    }
    bool parsed = profile_parse(text.bytes, text.length, path, out, err);
    if (text.bytes)
        secret_wipe(text.bytes, text.capacity);
    return parsed;
}

bool settings_load(const char *profile, struct settings *out, struct error *err) {
    AUTO(settings_clear) struct settings settings = { .profile_forced = profile != NULL };
    const char *named = profile ? profile : settings_environment("AWS_PROFILE");
    if (!named)
        named = settings_environment("AWS_DEFAULT_PROFILE");
    settings.profile_named = named != NULL;
    settings.profile = xstrdup(named ? named : "default");
    settings.config_path = path_of("AWS_CONFIG_FILE", "~/.aws/config");
    settings.credentials_path = path_of("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
    if (!load(settings.config_path, &settings.config, err) ||
        !load(settings.credentials_path, &settings.credentials, err))
        return false;
    if (strcmp(settings.profile, "default") != 0 && !settings_config(&settings) &&
        !settings_credentials(&settings)) {
        error_set(err, ERROR_CREDENTIALS, "there is no AWS profile '%s'", settings.profile);
        return error_hint(err, "add it to '%s' or '%s', or use another profile",
                          settings.config_path, settings.credentials_path);
    }
    settings_clear(out);
    *out = MOVE(settings);
    return true;
}

void settings_clear(struct settings *settings) {
    free(settings->profile);
    free(settings->config_path);
    free(settings->credentials_path);
    profile_file_clear(&settings->config);
    profile_file_clear(&settings->credentials);
    *settings = (struct settings){ 0 };
}

const struct profile_section *settings_config(const struct settings *settings) {
    AUTO(string_free) char *section = xasprintf("profile %s", settings->profile);
    const struct profile_section *found = profile_find(&settings->config, section);
    if (!found && strcmp(settings->profile, "default") == 0)
        found = profile_find(&settings->config, "default");
    return found;
}

const struct profile_section *settings_credentials(const struct settings *settings) {
    return profile_find(&settings->credentials, settings->profile);
}

const char *settings_key(const struct settings *settings, const char *key) {
    const char *value = profile_value(settings_credentials(settings), key);
    return value ? value : profile_value(settings_config(settings), key);
}

const char *settings_value(const struct settings *settings, const char *variable, const char *key) {
    const char *value = variable ? settings_environment(variable) : NULL;
    return value || !key ? value : settings_key(settings, key);
}

bool settings_flag(const struct settings *settings, const char *variable, const char *key) {
    const char *value = settings_value(settings, variable, key);
    return value && strcasecmp(value, "true") == 0;
}

bool settings_endpoint_url(const struct settings *settings, const char *service, const char **out,
                           struct error *err) {
    *out = NULL;
    if (settings_flag(settings, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                      "ignore_configured_endpoint_urls"))
        return true;
    AUTO(string_free) char *variable = xasprintf("AWS_ENDPOINT_URL_%s", service);
    for (char *at = variable; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    *out = settings_environment(variable);
    if (!*out)
        *out = settings_environment("AWS_ENDPOINT_URL");
    const char *services = settings_key(settings, "services");
    if (!*out && services) {
        AUTO(string_free) char *name = xasprintf("services %s", services);
        const struct profile_section *section = profile_find(&settings->config, name);
        if (!section)
            return error_set(err, ERROR_CONFIG,
                             "profile '%s' names the section '[%s]', which '%s' does not have",
                             settings->profile, name, settings->config_path);
        AUTO(string_free) char *key = xasprintf("%s.endpoint_url", service);
        *out = profile_value(section, key);
    }
    if (!*out)
        *out = settings_key(settings, "endpoint_url");
    return true;
}
