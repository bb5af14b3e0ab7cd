#include "cmd/migration/names.h"

#include <unistd.h>

#include "providers/trace/recorder.h"

static void learn_all(enum alias_kind kind, const struct strings *names) {
    for (size_t i = 0; i < names->count; i++)
        trace_learn(kind, names->items[i]);
}

void names_learn(const struct config *config) {
    char host[256] = "";
    if (!trace_is_on())
        return;
    trace_learn(ALIAS_GROUP, config->target.replication_group);
    trace_learn(ALIAS_MIGRATION, config->migration);
    learn_all(ALIAS_HOST, &config->source.nodes);
    trace_learn(ALIAS_NAME, config->source.sentinel_master);
    trace_learn(ALIAS_USER, config->source.username);
    trace_learn(ALIAS_HOST, config->source.tls.server_name);
    trace_learn(ALIAS_SUBNETS, config->target.subnet_group);
    learn_all(ALIAS_RESOURCE, &config->target.security_groups);
    for (size_t i = 0; i < config->target.tags.count; i++) {
        trace_learn(ALIAS_TAG_KEY, config->target.tags.items[i].name);
        trace_learn(ALIAS_TAG_VALUE, config->target.tags.items[i].value);
    }
    if (gethostname(host, sizeof host - 1) == 0)
        trace_learn(ALIAS_HOST, host);
}
