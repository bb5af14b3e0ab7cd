/* Two servers to compare: a source, and a target that may be written to by the test. */
#pragma once

#include "executor/verify/verify.h"
#include "tests/support/server.h"

struct servers {
    struct server *source, *target;
    struct redis_connection *to_source, *to_target;
};

struct servers servers_start(const char *const *target_overrides);
void servers_clear(struct servers *servers);
AUTO_VALUE(struct servers, servers_clear)

/* Whatever goes wrong ends the test program. */
struct verify_result servers_compare(const struct servers *servers, enum config_verify_mode mode,
                                     int64_t keys, bool detached);
