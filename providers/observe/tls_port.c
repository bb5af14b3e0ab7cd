#include "providers/observe/tls_port.h"

#include "providers/redis/redis.h"
#include "schemas/base/memory.h"

char *tls_port_address(const struct config_source *source, const char *address) {
    char host[256];
    uint16_t port;
    if (source->tls.port <= 0 || strings_has(&source->nodes, address) ||
        !redis_address_parse(address, host, &port))
        return xstrdup(address);
    return redis_address_text(host, (uint16_t)source->tls.port);
}

void tls_port_addresses(const struct config_source *source, struct strings *addresses) {
    AUTO(strings_clear) struct strings changed = { 0 };
    if (source->tls.port <= 0)
        return;
    for (size_t i = 0; i < addresses->count; i++) {
        AUTO(string_free) char *address = tls_port_address(source, addresses->items[i]);
        if (!strings_has(&changed, address))
            strings_add(&changed, address);
    }
    strings_sort(&changed);
    strings_clear(addresses);
    *addresses = MOVE(changed);
}

void tls_port_topology(const struct config_source *source, struct topology *topology) {
    for (size_t i = 0; i < topology->count; i++) {
        struct topology_shard *shard = &topology->items[i];
        AUTO(string_free) char *primary = shard->primary;
        shard->primary = tls_port_address(source, primary);
        tls_port_addresses(source, &shard->replicas);
    }
}
