/* bench_observe SEED: looks at a cluster as `ecmig plan` does, once, and prints "<nodes>
 * <reachable> <shards> <µs>". Built on demand, with the project's libraries: cmake --build … -t
 * bench_observe. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "providers/observe/observe.h"
#include "schemas/base/memory.h"

static long long now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int main(int count, char **words) {
    if (count != 2)
        return 64;
    AUTO(config_clear) struct config config = { 0 };
    AUTO(observed_clear) struct observed observed = { 0 };
    config.source.topology = TOPOLOGY_CLUSTER;
    config.source.timeout_ms = 10000;
    strings_add(&config.source.nodes, words[1]);
    const struct observe_source_options options = { .config = &config };
    long long started_us = now_us();
    observe_source(&options, &observed.source);
    long long took_us = now_us() - started_us;
    size_t reachable = 0;
    const struct observed_source *source = &observed.source;
    for (size_t i = 0; i < source->nodes.count; i++)
        reachable += source->nodes.items[i].reachable;
    if (source->nodes.count && !source->nodes.items[0].reachable)
        (void)fprintf(stderr, "bench_observe: %s\n", source->nodes.items[0].problem);
    printf("%zu %zu %zu %lld\n", source->nodes.count, reachable, source->shards.count, took_us);
    return reachable == source->nodes.count && !source->agreement.other_views.count ? 0 : 1;
}
