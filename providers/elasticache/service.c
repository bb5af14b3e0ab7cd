#include "providers/elasticache/service.h"

#include <stdlib.h>

#include "schemas/base/memory.h"

static bool find_region(struct elasticache *service, const char *wanted, struct error *err) {
    const char *region = wanted ? wanted : settings_environment("AWS_REGION");
    if (!region)
        region = settings_value(&service->settings, "AWS_DEFAULT_REGION", "region");
    if (!region) {
        (void)error_set(err, ERROR_CONFIG,
                        "no AWS region: not in the migration file, AWS_REGION, "
                        "AWS_DEFAULT_REGION or profile '%s'",
                        service->settings.profile);
        return error_hint(err, "set target.region or AWS_REGION");
    }
    service->region = xstrdup(region);
    return true;
}

static bool find_endpoint(struct elasticache *service, enum service_name which, const char *name,
                          const char *forced_url, struct error *err) {
    struct endpoint_variant variant = {
        .fips = settings_flag(&service->settings, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
        .dual_stack = settings_flag(&service->settings, "AWS_USE_DUALSTACK_ENDPOINT",
                                    "use_dualstack_endpoint"),
    };
    struct endpoint *out = &service->endpoints[which];
    /* Checks the region, which signatures name, also where a URL replaces the host. */
    if (!endpoint_of_region(name, service->region, variant, out, err))
        return false;
    const char *url = forced_url;
    if (!url && !settings_endpoint_url(&service->settings, name, &url, err))
        return false;
    /* A local endpoint answers for STS as well, and its credentials mean nothing to anybody else.
     */
    const struct endpoint *main_endpoint = &service->endpoints[SERVICE_ELASTICACHE];
    if (!url && which == SERVICE_STS && endpoint_is_loopback(main_endpoint))
        url = main_endpoint->url;
    if (!url)
        return true;
    if (variant.fips || variant.dual_stack)
        return error_set(err, ERROR_CONFIG,
                         "a FIPS or dual-stack endpoint is asked for, and '%s' "
                         "as well",
                         url);
    return endpoint_of_url(url, out, err);
}

bool elasticache_open(const struct elasticache_options *options, struct elasticache **out,
                      struct error *err) {
    AUTO(elasticache_close) struct elasticache *service = xcalloc(1, sizeof *service);
    if (!settings_load(options->profile, &service->settings, err) ||
        !find_region(service, options->region, err) ||
        !find_endpoint(service, SERVICE_ELASTICACHE, "elasticache", options->endpoint_url, err) ||
        !find_endpoint(service, SERVICE_STS, "sts", NULL, err) ||
        !credentials_find(&service->settings, &service->credentials, err) ||
        !http_open(settings_value(&service->settings, "AWS_CA_BUNDLE", "ca_bundle"), &service->http,
                   err))
        return false;
    const char *attempts = settings_value(&service->settings, "AWS_MAX_ATTEMPTS", "max_attempts");
    long attempt_ceiling = attempts ? strtol(attempts, NULL, 10) : 0;
    service->retry.quota = RETRY_QUOTA;
    service->retry.attempt_ceiling =
        attempt_ceiling >= 1 && attempt_ceiling <= 20 ? (int)attempt_ceiling : RETRY_ATTEMPTS;
    *out = TAKE(service);
    return true;
}

void elasticache_close(struct elasticache *service) {
    if (!service)
        return;
    http_close(service->http);
    credentials_clear(&service->credentials);
    settings_clear(&service->settings);
    for (size_t i = 0; i < SERVICE_COUNT; i++)
        endpoint_clear(&service->endpoints[i]);
    free(service->region);
    free(service);
}

const char *elasticache_region(const struct elasticache *service) {
    return service->region;
}

bool elasticache_is_local(const struct elasticache *service) {
    return endpoint_is_loopback(&service->endpoints[SERVICE_ELASTICACHE]);
}

const char *elasticache_endpoint(const struct elasticache *service) {
    return service->endpoints[SERVICE_ELASTICACHE].url;
}
