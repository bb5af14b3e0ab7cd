#include "providers/elasticache/credentials/source.h"

static enum source_answer look(const struct credential_lookup *lookup, struct credentials *out,
                               struct error *err) {
    const struct settings *settings = lookup->settings;
    return source_static_keys(settings_config(settings), settings->config_path, out, err);
}

const struct credential_source credential_source_config_file = { look };
