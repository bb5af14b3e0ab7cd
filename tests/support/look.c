#include "tests/support/look.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "providers/observe/discover.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

void look_set_source(struct config *config, enum config_topology topology, const char *seed) {
    config->source.topology = topology;
    config->source.timeout_ms = LOOK_TIMEOUT_MS;
    strings_add(&config->source.nodes, seed);
}

void look_around(const struct config *config, struct observed *out) {
    const struct observe_source_options options = { .config = config };
    observe_source(&options, &out->source);
}

void look_discover(const struct config *config, struct topology *out) {
    AUTO(error_clear) struct error err = { 0 };
    if (!topology_discover(
            &(struct discovery){ .source = &config->source,
                                 .deadline_mono_ms = clock_mono_ms() + LOOK_TIMEOUT_MS },
            out, &err))
        fail_msg("%s", err.message);
}
