#include <stdlib.h>

#include "providers/elasticache/service.h"
#include "schemas/base/memory.h"

bool elasticache_identity(struct elasticache *service, int64_t deadline_mono_ms,
                          struct service_identity *out, struct error *err) {
    AUTO(xml_free) struct xml *answer = NULL;
    const struct xml *result = NULL;
    if (!service_ask(service, &action_get_caller_identity, NULL, NULL, deadline_mono_ms, &answer,
                     &result, err))
        return false;
    if (!xml_text(result, "Account") || !xml_text(result, "Arn"))
        return error_set(err, ERROR_FORMAT, "the answer has no account or no ARN");
    service_identity_clear(out);
    out->account = xstrdup(xml_text(result, "Account"));
    out->arn = xstrdup(xml_text(result, "Arn"));
    return true;
}

void service_identity_clear(struct service_identity *identity) {
    free(identity->account);
    free(identity->arn);
    *identity = (struct service_identity){ 0 };
}
