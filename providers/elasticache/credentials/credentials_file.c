#include "providers/elasticache/credentials/source.h"

static enum source_answer look(const struct settings *settings, struct credentials *out,
                               struct error *err) {
    return source_static_keys(settings_credentials(settings), settings->credentials_path, out, err);
}

const struct credential_source credential_source_credentials_file = { look };
