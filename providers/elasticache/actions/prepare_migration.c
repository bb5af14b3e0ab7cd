#include "providers/elasticache/actions/serverless.h"

bool elasticache_prepare(struct elasticache *service, const char *cache,
                         const struct serverless_source *source, int64_t deadline_mono_ms,
                         struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    service_query(&action_prepare_migration, &query);
    query_add(&query, "ServerlessCacheName", cache);
    serverless_source_query(source, &query);
    query_add(&query, "SourceAuthenticationConfiguration.SecretManagerConfig.SecretArn",
              source->secret_arn);
    query_add(&query, "SourceTlsConfiguration.SourceTlsMode", source->tls_mode);
    query_add(&query, "SourceTlsConfiguration.SourceTlsCertificate", source->tls_certificate);
    return service_act(service, &query, deadline_mono_ms, err);
}
