#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/credentials/source.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"

struct row {
    const struct credential_source *source; /* NULL: refused */
    const char *text;                       /* where it looks, or why it is refused */
    const char *key, *instead;
};

static const struct row rows[] = {
#define CREDENTIAL_SOURCE(id, where) { &credential_source_##id, where, NULL, NULL },
#define CREDENTIAL_REFUSED(key, why, instead) { NULL, why, key, instead },
#include "providers/elasticache/credentials/chain.def"
#undef CREDENTIAL_REFUSED
#undef CREDENTIAL_SOURCE
};

static bool refuse(const struct row *row, const struct settings *settings, struct error *err) {
    if (!settings_key(settings, row->key))
        return true;
    error_set(err, ERROR_CREDENTIALS, "'%s' of profile '%s': %s", row->key, settings->profile,
              row->text);
    return error_hint(err, "%s '%s'", row->instead, settings->profile);
}

bool credentials_find(const struct credential_lookup *lookup, struct credentials *out,
                      struct error *err) {
    const struct settings *settings = lookup->settings;
    AUTO(strings_clear) struct strings looked = { 0 };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!rows[i].source) {
            if (!refuse(&rows[i], settings, err))
                return false;
            continue;
        }
        switch (rows[i].source->look(lookup, out, err)) {
        case SOURCE_FOUND:
            return true;
        case SOURCE_BROKEN:
            return false;
        case SOURCE_EMPTY:
            strings_add(&looked, rows[i].text);
        }
    }
    if (lookup->through) {
        error_set(err, ERROR_CREDENTIALS, "the source_profile '%s' has no credentials",
                  settings->profile);
        return error_hint(err, "add keys, a role or a credential_process to it in '%s'",
                          settings->config_path);
    }
    AUTO(string_free) char *places = strings_join(&looked, ", ");
    error_set(err, ERROR_CREDENTIALS,
              "no AWS credentials for profile '%s': nothing in %s ('%s', '%s')", settings->profile,
              places, settings->credentials_path, settings->config_path);
    return error_hint(err, "set the variables, run 'aws configure' or 'aws configure sso', or "
                           "give this machine a role");
}

static bool same_secret(const struct secret *left, const struct secret *right) {
    if (!left || !right)
        return left == right;
    return strcmp(secret_bytes(left), secret_bytes(right)) == 0;
}

bool credentials_same(const struct credentials *left, const struct credentials *right) {
    return strcmp(left->access_key_id, right->access_key_id) == 0 &&
           same_secret(left->secret_key, right->secret_key) &&
           same_secret(left->session_token, right->session_token);
}
