/* One place that may hold credentials. */
#pragma once

#include <stdbool.h>

#include "providers/elasticache/credentials/credentials.h"
#include "providers/elasticache/settings.h"

enum source_answer { SOURCE_EMPTY, SOURCE_FOUND, SOURCE_BROKEN }; /* broken: err says how */

struct credential_source {
    enum source_answer (*look)(const struct settings *settings, struct credentials *out,
                               struct error *err);
};

#define CREDENTIAL_SOURCE(id, where) extern const struct credential_source credential_source_##id;
#define CREDENTIAL_LATER(variable, key, what)
#include "providers/elasticache/credentials/chain.def"
#undef CREDENTIAL_LATER
#undef CREDENTIAL_SOURCE

/* The static keys of one section, for the sources that read files. */
enum source_answer source_static_keys(const struct profile_section *section, const char *path,
                                      struct credentials *out, struct error *err);
/* For any source: both halves or none, and no byte that could not stand in a header. */
enum source_answer source_pair(const char *where, const char *id, const char *secret,
                               const char *token, struct credentials *out, struct error *err);
