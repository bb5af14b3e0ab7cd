#include <string.h>

#include "providers/gitstore/store.h"
#include "schemas/base/memory.h"

/* The caller frees. */
static char *value_of(git_config *config, const char *name) {
    git_buf value = { 0 };
    char *copy = git_config_get_string_buf(&value, config, name) == 0 ? xstrdup(value.ptr) : NULL;
    git_buf_dispose(&value);
    return copy;
}

char *gitstore_signing_key(const struct gitstore *store) {
    git_config *config = NULL;
    int opened =
        store->git ? git_repository_config(&config, store->git) : git_config_open_default(&config);
    if (opened != 0)
        return NULL;
    AUTO(string_free) char *format = value_of(config, "gpg.format");
    AUTO(string_free) char *key = value_of(config, "user.signingkey");
    git_config_free(config);
    return format && strcmp(format, "ssh") == 0 ? TAKE(key) : NULL;
}
