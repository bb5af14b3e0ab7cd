#include "tests/support/servers.h"

#include <stdio.h>
#include <stdlib.h>

#include "schemas/base/clock.h"

#define COMPARE_WITHIN_MS 100000

void servers_clear(struct servers *servers) {
    if (!servers)
        return;
    redis_close(servers->to_source);
    redis_close(servers->to_target);
    server_stop(servers->source);
    server_stop(servers->target);
}

struct servers servers_start(const char *const *target_overrides) {
    struct servers servers = { .source = server_start(NULL),
                               .target = server_start(target_overrides) };
    servers.to_source = server_connect(servers.source);
    servers.to_target = server_connect(servers.target);
    server_do(servers.to_target, "CONFIG SET replica-read-only no");
    return servers;
}

struct verify_result servers_compare(const struct servers *servers, enum config_verify_mode mode,
                                     int64_t keys, bool detached) {
    const struct verify_options options = { .source = servers->to_source,
                                            .target = servers->to_target,
                                            .mode = mode,
                                            .keys = keys,
                                            .detached = detached,
                                            .deadline_mono_ms =
                                                clock_mono_ms() + COMPARE_WITHIN_MS };
    AUTO(error_clear) struct error err = { 0 };
    struct verify_result result = { 0 };
    if (!verify_run(&options, &result, &err)) {
        (void)fprintf(stderr, "cannot compare: %s\n", err.message);
        abort();
    }
    return result;
}
