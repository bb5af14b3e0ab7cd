#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "planner/checks/check.h"
#include "planner/version.h"
#include "schemas/base/memory.h"

/* What the service's chapter on serverless caches asks of a source, as far as a plan can tell. */
struct verdicts {
    struct strings met, unmet, unknown;
};

static void verdicts_clear(struct verdicts *verdicts) {
    strings_clear(&verdicts->met);
    strings_clear(&verdicts->unmet);
    strings_clear(&verdicts->unknown);
}
AUTO_VALUE(struct verdicts, verdicts_clear)

static bool is_from_to(const char *version, int low_major, int low_minor, int high_major,
                       int high_minor) {
    return version_at_least(version, low_major, low_minor, 0) &&
           !version_at_least(version, high_major, high_minor + 1, 0);
}

static void judge_version(const struct observed_node *source, struct verdicts *out) {
    bool is_valkey = check_is(source->engine, "valkey");
    if (!source->version || (!is_valkey && !check_is(source->engine, "redis"))) {
        strings_add(&out->unmet, "the engine is Redis OSS or Valkey");
        return;
    }
    bool fits = is_valkey ? is_from_to(source->version, 7, 2, 8, 1)
                          : is_from_to(source->version, 4, 0, 7, 2);
    strings_addf(fits ? &out->met : &out->unmet, "the version is %s (it is %s)",
                 is_valkey ? "Valkey 7.2 to 8.1" : "Redis OSS 4.0 to 7.2", source->version);
}

static void judge_order(const struct observed_node *source, const struct observed_target *target,
                        struct verdicts *out) {
    bool comparable = source->version && source->engine && target->engine && target->engine_version;
    if (!comparable) {
        strings_add(&out->unknown, "the source is not newer than the cache");
        return;
    }
    int major = 0, minor = 0; /* Valkey continues from Redis OSS 7.2 */
    if (sscanf(target->engine_version, "%5d.%5d", &major, &minor) < 2)
        minor = 99; /* "8" is any 8 */
    bool newer = version_at_least(source->version, major, minor + 1, 0) ||
                 (check_is(source->engine, "valkey") && check_is(target->engine, "redis"));
    strings_addf(newer ? &out->unmet : &out->met, "the source is not newer than the cache (%s %s)",
                 target->engine, target->engine_version);
}

static void judge_address(const struct observed_node *source, struct verdicts *out) {
    const char *address = observed_service_address(source);
    size_t length = strcspn(address, ":");
    AUTO(string_free) char *host = xstrndup(address, length);
    struct in_addr parsed;
    if (*address == '[')
        strings_add(&out->unmet, "the source is named by an IPv4 address");
    else
        strings_add(inet_pton(AF_INET, host, &parsed) == 1 ? &out->met : &out->unknown,
                    "the source is named by an IPv4 address");
}

static void judge_access(const struct check_input *input, const struct observed_node *source,
                         struct verdicts *out) {
    bool uses_tls = config_tls_is_given(&input->config->source.tls);
    strings_addf(&out->met, "one node endpoint is enough (%s)", observed_service_address(source));
    if (source->password_required)
        strings_add(&out->unknown, "the password is in a secret of Secrets Manager");
    else
        strings_add(&out->met, "no password is needed");
    if (uses_tls)
        strings_add(&out->unknown,
                    "a certificate for SourceTlsMode verify-ca, or a plaintext port");
    else
        strings_add(&out->met, "SourceTlsMode is none");
    strings_add(&out->unknown, "the source runs on Amazon EC2, without a public endpoint");
    strings_add(&out->unknown, "the cache is empty, or ClearTargetCacheData may empty it");
}

static void tell(const struct check_input *input, struct findings *out, enum severity severity,
                 const char *summary, const struct strings *list) {
    if (!list->count)
        return;
    AUTO(string_free) char *joined = strings_join(list, "; ");
    struct finding *finding =
        check_found_as(input, out, severity, input->situation->primary->address, "%s", summary);
    finding_detail(finding, "%s", joined);
    if (severity == SEVERITY_NOTE)
        finding_remedy(finding, "nothing to do for ecmig; the service checks it in "
                                "PrepareMigration");
}

static void run(const struct check_input *input, struct findings *out) {
    const struct observed_node *source = input->situation->primary;
    AUTO(verdicts_clear) struct verdicts verdicts = { 0 };
    if (!input->situation->serverless || !source || !source->reachable)
        return;
    judge_version(source, &verdicts);
    judge_order(source, &input->observed->target, &verdicts);
    judge_access(input, source, &verdicts);
    judge_address(source, &verdicts);
    tell(input, out, SEVERITY_WARNING, "prerequisites of a serverless cache that do not hold",
         &verdicts.unmet);
    tell(input, out, SEVERITY_NOTE, "prerequisites of a serverless cache that hold", &verdicts.met);
    tell(input, out, SEVERITY_NOTE, "prerequisites of a serverless cache that are not known",
         &verdicts.unknown);
}

const struct check check_source_serverless = {
    .title = "The source fits a migration to a serverless cache",
    .reads = "INFO redis_version; DescribeServerlessCaches; file: source, target.serverless_cache",
    .cause = "PrepareMigration asks for Valkey 7.2 to 8.1 or Redis OSS 4.0 to 7.2, not newer than "
             "the cache, on Amazon EC2, by one IPv4 node endpoint, with its password in Secrets "
             "Manager, TLS none or verify-ca, and an empty cache.",
    .risk = "PrepareMigration fails and is rolled back, with an event that names the requirement.",
    .remedy = "meet them before PrepareMigration, or migrate to a node-based group",
    .severity = SEVERITY_WARNING,
    .when_serverless = true,
    .run = run,
};
