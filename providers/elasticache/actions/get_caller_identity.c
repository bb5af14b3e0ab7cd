#include <stdlib.h>

#include "providers/elasticache/service.h"
#include "schemas/base/memory.h"

bool elasticache_identity(struct elasticache *service, int64_t deadline_mono_ms,
                          struct service_identity *out, struct error *err) {
    AUTO(query_clear) struct query query = { 0 };
    AUTO(service_answer_clear) struct service_answer answer = { 0 };
    service_query(&action_get_caller_identity, &query);
    if (!service_call(service, &query, deadline_mono_ms, NULL, &answer, err))
        return false;
    if (!xml_text(answer.result, "Account") || !xml_text(answer.result, "Arn"))
        return error_set(err, ERROR_FORMAT, "the answer has no account or no ARN");
    service_identity_clear(out);
    out->account = xstrdup(xml_text(answer.result, "Account"));
    out->arn = xstrdup(xml_text(answer.result, "Arn"));
    return true;
}

void service_identity_clear(struct service_identity *identity) {
    free(identity->account);
    free(identity->arn);
    *identity = (struct service_identity){ 0 };
}
