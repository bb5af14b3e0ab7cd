#include "providers/elasticache/service.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define CREDENTIALS_WITHIN_MS 30000 /* a chain of roles, or a process that asks a vault */
#define REFRESH_MS ((int64_t)15 * 60 * 1000)
#define REFRESH_INSIST_MS ((int64_t)10 * 60 * 1000)
#define REFRESH_PAUSE_MS 30000 /* between attempts that are not urgent */

static bool find_region(struct elasticache *service, const char *wanted, struct error *err) {
    const char *region = wanted ? wanted : settings_environment("AWS_REGION");
    if (!region)
        region = settings_value(&service->settings, "AWS_DEFAULT_REGION", "region");
    if (!region) {
        const struct credential_lookup lookup = {
            .settings = &service->settings,
            .http = service->http,
            .deadline_mono_ms = clock_mono_ms() + CREDENTIALS_WITHIN_MS,
        };
        if (instance_region(&lookup, &service->region))
            return true;
        error_set(err, ERROR_CONFIG,
                  "no AWS region is set: not in the migration file, AWS_REGION, "
                  "AWS_DEFAULT_REGION, profile '%s' or instance metadata",
                  service->settings.profile);
        return error_hint(err, "set target.region or AWS_REGION");
    }
    service->region = endpoint_plain_region(region, &service->region_is_fips);
    return true;
}

/* Of the region, which is checked here also where a URL replaces the host: signatures name it. */
static bool usual_endpoint(const struct elasticache *service, enum service_name which,
                           const char *name, struct endpoint_variant variant, struct endpoint *out,
                           struct error *err) {
    const char *kind =
        settings_value(&service->settings, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints");
    if (which == SERVICE_IAM)
        return endpoint_of_iam(service->region, variant, out, err);
    if (which == SERVICE_STS && kind && strcasecmp(kind, "legacy") == 0)
        return endpoint_of_legacy_sts(service->region, variant, out, err);
    return endpoint_of_region(name, service->region, variant, out, err);
}

static bool find_endpoint(struct elasticache *service, enum service_name which, const char *name,
                          const char *forced_url, struct error *err) {
    struct endpoint_variant variant = {
        .fips = service->region_is_fips ||
                settings_flag(&service->settings, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
        .dual_stack = settings_flag(&service->settings, "AWS_USE_DUALSTACK_ENDPOINT",
                                    "use_dualstack_endpoint"),
    };
    struct endpoint *out = &service->endpoints[which];
    if (!usual_endpoint(service, which, name, variant, out, err))
        return false;
    const char *url = forced_url;
    if (!url && !settings_endpoint_url(&service->settings, name, &url, err))
        return false;
    /* A local endpoint answers for the others as well, and its credentials mean nothing to anybody
     * else. */
    const struct endpoint *main_endpoint = &service->endpoints[SERVICE_ELASTICACHE];
    if (!url && which != SERVICE_ELASTICACHE && endpoint_is_loopback(main_endpoint))
        url = main_endpoint->url;
    if (!url)
        return true;
    if (variant.fips || variant.dual_stack)
        return error_set(
            err, ERROR_CONFIG,
            "a FIPS or dual-stack endpoint is requested together with the endpoint '%s'", url);
    const char *signing_region = which == SERVICE_IAM ? out->signing_region : NULL;
    if (!endpoint_of_url(url, out, err))
        return false;
    out->signing_region = signing_region;
    return true;
}

static bool find_credentials(struct elasticache *service, const struct settings *settings,
                             int64_t deadline_mono_ms, struct credentials *out, struct error *err) {
    int64_t within_mono_ms = clock_mono_ms() + CREDENTIALS_WITHIN_MS;
    const struct credential_lookup lookup = {
        .settings = settings,
        .http = service->http,
        .region = service->region,
        .sts = &service->endpoints[SERVICE_STS],
        .deadline_mono_ms = within_mono_ms < deadline_mono_ms ? within_mono_ms : deadline_mono_ms,
    };
    service->renewed_mono_ms = clock_mono_ms();
    return credentials_find(&lookup, out, err);
}

bool service_renew(struct elasticache *service, int64_t deadline_mono_ms, bool *are_new,
                   struct error *err) {
    AUTO(settings_clear) struct settings settings = { 0 };
    AUTO(credentials_clear) struct credentials fresh = { 0 };
    const char *profile = service->settings.profile_forced ? service->settings.profile : NULL;
    *are_new = false;
    if (!service->renews)
        return true;
    /* Somebody may have renewed the files since. */
    if (!settings_load(profile, &settings, err) ||
        !find_credentials(service, &settings, deadline_mono_ms, &fresh, err))
        return false;
    *are_new = !credentials_same(&fresh, &service->credentials);
    credentials_clear(&service->credentials);
    service->credentials = MOVE(fresh);
    return true;
}

bool service_keep_fresh(struct elasticache *service, int64_t deadline_mono_ms, struct error *err) {
    int64_t expires_at_ms = service->credentials.expires_at_ms;
    int64_t left_ms = expires_at_ms - clock_wall_ms() - service->skew_ms;
    bool are_new = false;
    if (!service->renews || !expires_at_ms || left_ms > REFRESH_MS)
        return true;
    if (left_ms > 0 && clock_mono_ms() - service->renewed_mono_ms < REFRESH_PAUSE_MS)
        return true;
    AUTO(error_clear) struct error failure = { 0 };
    if (service_renew(service, deadline_mono_ms, &are_new, &failure) || left_ms > REFRESH_INSIST_MS)
        return true;
    if (left_ms > 0 && failure.code == ERROR_DEADLINE)
        return true;
    error_move(err, &failure);
    return error_wrap(err, "the credentials %s and cannot be renewed",
                      left_ms > 0 ? "are about to expire" : "have expired");
}

struct retry retry_as_set(const struct settings *settings) {
    const char *attempts = settings_value(settings, "AWS_MAX_ATTEMPTS", "max_attempts");
    long ceiling = attempts ? strtol(attempts, NULL, 10) : 0;
    return (struct retry){
        .quota = RETRY_QUOTA,
        .attempt_ceiling = ceiling >= 1 && ceiling <= 20 ? (int)ceiling : RETRY_ATTEMPTS,
    };
}

bool elasticache_open(const struct elasticache_options *options, struct elasticache **out,
                      struct error *err) {
    AUTO(elasticache_close) struct elasticache *service = xcalloc(1, sizeof *service);
    if (!settings_load(options->profile, &service->settings, err) ||
        !http_open(settings_value(&service->settings, "AWS_CA_BUNDLE", "ca_bundle"), &service->http,
                   err) ||
        !find_region(service, options->region, err) ||
        !find_endpoint(service, SERVICE_ELASTICACHE, "elasticache", options->endpoint_url, err) ||
        !find_endpoint(service, SERVICE_STS, "sts", NULL, err) ||
        !find_endpoint(service, SERVICE_IAM, "iam", NULL, err) ||
        !find_credentials(service, &service->settings, clock_mono_ms() + CREDENTIALS_WITHIN_MS,
                          &service->credentials, err))
        return false;
    service->renews = true;
    service->retry = retry_as_set(&service->settings);
    *out = TAKE(service);
    return true;
}

bool elasticache_look(const struct elasticache_options *options, struct elasticache_given *out,
                      struct error *err) {
    static const char *const names[] = { "elasticache", "iam", "sts" };
    AUTO(settings_clear) struct settings settings = { 0 };
    AUTO(elasticache_given_clear) struct elasticache_given given = { 0 };
    if (!settings_load(options->profile, &settings, err))
        return false;
    if (settings.profile_named && !settings.profile_forced)
        given.profile = xstrdup(settings.profile);
    for (size_t i = options->endpoint_url ? 1 : 0; i < COUNT(names); i++) {
        const char *url = NULL;
        if (!settings_endpoint_url(&settings, names[i], &url, err))
            return false;
        if (url)
            pairs_set(&given.endpoints, names[i], url);
    }
    *out = given;
    given = (struct elasticache_given){ 0 };
    return true;
}

bool elasticache_would_be_local(const struct elasticache_options *options) {
    AUTO(settings_clear) struct settings settings = { 0 };
    AUTO(endpoint_clear) struct endpoint endpoint = { 0 };
    AUTO(error_clear) struct error ignored = { 0 };
    const char *url = options->endpoint_url;
    if (!url && (!settings_load(options->profile, &settings, &ignored) ||
                 !settings_endpoint_url(&settings, "elasticache", &url, &ignored)))
        return false;
    return url && endpoint_of_url(url, &endpoint, &ignored) && endpoint_is_loopback(&endpoint);
}

void elasticache_given_clear(struct elasticache_given *given) {
    free(given->profile);
    pairs_clear(&given->endpoints);
    *given = (struct elasticache_given){ 0 };
}

void elasticache_close(struct elasticache *service) {
    if (!service)
        return;
    http_close(service->http);
    credentials_clear(&service->credentials);
    settings_clear(&service->settings);
    strings_clear(&service->requests);
    for (size_t i = 0; i < SERVICE_COUNT; i++)
        endpoint_clear(&service->endpoints[i]);
    free(service->region);
    free(service);
}

void elasticache_take_requests(struct elasticache *service, struct strings *out) {
    strings_clear(out);
    *out = MOVE(service->requests);
}

const char *elasticache_region(const struct elasticache *service) {
    return service->region;
}

bool elasticache_is_local(const struct elasticache *service) {
    return endpoint_is_loopback(&service->endpoints[SERVICE_ELASTICACHE]);
}

int64_t elasticache_clock_ahead_ms(const struct elasticache *service) {
    return service->skew_ms;
}

const char *elasticache_endpoint(const struct elasticache *service) {
    return service->endpoints[SERVICE_ELASTICACHE].url;
}
