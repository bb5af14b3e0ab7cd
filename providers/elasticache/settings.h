/* What the AWS tools would be told here: the environment and the shared files, read once. */
#pragma once

#include <stdbool.h>

#include "providers/elasticache/profile.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"

struct settings {
    char *profile;
    bool profile_named;  /* by us or by AWS_PROFILE */
    bool profile_forced; /* asked for by us, not by AWS_PROFILE */
    char *config_path, *credentials_path;
    struct profile_file config, credentials;
};

/* `profile` may be NULL. ERROR_CREDENTIALS when a profile is named that neither file has,
 * ERROR_FORMAT, ERROR_IO. A file that is not there is an empty one. */
MUST_CHECK bool settings_load(const char *profile, struct settings *out, struct error *err);
void settings_clear(struct settings *settings);
AUTO_VALUE(struct settings, settings_clear)

const char *settings_environment(const char *variable); /* NULL when unset or empty */
const struct profile_section *settings_config(const struct settings *settings);
const struct profile_section *settings_credentials(const struct settings *settings);
/* Of the profile; the credentials file wins, as with the AWS tools. */
const char *settings_key(const struct settings *settings, const char *key);
/* The variable, else the key; either may be NULL. */
const char *settings_value(const struct settings *settings, const char *variable, const char *key);
bool settings_flag(const struct settings *settings, const char *variable, const char *key);
/* The configured endpoint URL of "elasticache" or "sts", NULL when there is none. ERROR_CONFIG when
 * the profile names a services section that does not exist. */
MUST_CHECK bool settings_endpoint_url(const struct settings *settings, const char *service,
                                      const char **out, struct error *err);
