/* What a comparison of source and target found, for `ecmig verify`. */
#pragma once

#include <stdbool.h>

#include "executor/verify/pairs.h"

struct verification_page {
    const char *migration;
    const struct verify_pairs *pairs;
    const char *target; /* HOST:PORT, where there are several pairs */
    const struct verify_result *result;
    bool reads_replicas; /* was asked to */
    bool shows_keys;     /* their names, instead of hashes */
};
