#include <stdlib.h>

#include "providers/elasticache/credentials/source.h"
#include "providers/elasticache/service.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

/* Asked for by the chain only, never by a verb of the service. */
static const struct action assume_role = { "AssumeRole", SERVICE_STS, false };
static const struct action assume_with_token = { "AssumeRoleWithWebIdentity", SERVICE_STS, false };

static enum source_answer take(const char *where, const struct xml *result, struct credentials *out,
                               struct error *err) {
    const struct xml *given = xml_find(result, "Credentials");
    const char *expiration = xml_text(given, "Expiration");
    int64_t expires_at_ms = 0;
    if (!given || !expiration || !clock_parse(expiration, &expires_at_ms))
        return source_broken(err, where,
                             "the answer of STS contains no credentials with an expiration", NULL);
    enum source_answer answer =
        source_pair(where, xml_text(given, "AccessKeyId"), xml_text(given, "SecretAccessKey"),
                    xml_text(given, "SessionToken"), out, err);
    if (answer == SOURCE_EMPTY)
        return source_broken(err, where, "the answer of STS contains no keys", NULL);
    out->expires_at_ms = expires_at_ms;
    return answer;
}

enum source_answer source_role(const struct credential_lookup *lookup, const char *where,
                               const struct role_request *request, struct credentials *out,
                               struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    AUTO(service_answer_clear) struct service_answer answer = { 0 };
    const struct action *action = request->token ? &assume_with_token : &assume_role;
    AUTO(string_free) char *session = xasprintf("ecmig-%lld", (long long)clock_wall_ms());
    /* A caller that borrows all it has and renews nothing. */
    struct elasticache caller = {
        .credentials = request->signer ? *request->signer : (struct credentials){ 0 },
        .region = (char *)lookup->region,
        .http = lookup->http,
        .retry = retry_as_set(lookup->settings),
    };
    caller.endpoints[SERVICE_STS] = *lookup->sts;
    service_query(action, &query);
    query_add(&query, "RoleArn", request->role);
    query_add(&query, "RoleSessionName", request->session ? request->session : session);
    query_add(&query, "ExternalId", request->external_id);
    query_add(&query, "DurationSeconds", request->duration);
    query_add(&query, "WebIdentityToken", request->token);
    bool asked = service_call(&caller, &query, lookup->deadline_mono_ms, NULL, &answer, err);
    if (query.body.bytes && request->token)
        secret_wipe(query.body.bytes, query.body.capacity);
    if (!asked) {
        error_wrap(err, "%s", where);
        return SOURCE_BROKEN;
    }
    return take(where, answer.result, out, err);
}
