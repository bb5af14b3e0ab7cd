#include "providers/elasticache/credentials/source.h"

static enum source_answer look(const struct settings *settings, struct credentials *out,
                               struct error *err) {
    return source_static_keys(settings_config(settings), settings->config_path, out, err);
}

const struct credential_source credential_source_config_file = { look };
