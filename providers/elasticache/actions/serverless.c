#include "providers/elasticache/actions/serverless.h"

#include <stdlib.h>

void serverless_source_query(const struct serverless_source *source, struct query *out) {
    query_add(out, "CustomerNodeEndpointList.member.1.Address", source->host);
    query_add_int(out, "CustomerNodeEndpointList.member.1.Port", source->port);
}

void serverless_cache_clear(struct serverless_cache *cache) {
    free(cache->status);
    free(cache->engine);
    free(cache->version);
    free(cache->endpoint.host);
    free(cache->migration_status);
    free(cache->cutover_mode);
    free(cache->migration_endpoint);
    *cache = (struct serverless_cache){ 0 };
}
