#include "executor/site/endpoint.h"

#include <string.h>

#include "schemas/base/memory.h"

static bool shards_have_primaries(struct site *site, struct error *err) {
    AUTO(many_clear) struct many targets = { 0 };
    AUTO(replications_clear) struct replications seen = { 0 };
    site_list(site, SITE_TARGETS, &targets);
    if (!replication_ask_many(&targets, "replication", REDIS_NOW, &seen, err))
        return false;
    for (size_t g = 0; g < site->groups.count; g++) {
        bool has = false;
        for (size_t i = 0; i < targets.count; i++)
            has |= site->targets.items[i].group == g && seen.items[i].is_primary;
        if (!has)
            return error_set(err, ERROR_FAILED, "shard '%s' of the target has no primary",
                             site->groups.items[g].id);
    }
    return true;
}

bool endpoint_asks_login(struct site *site, bool *asks, struct error *err) {
    char host[256];
    AUTO(redis_close) struct redis_connection *connection = NULL;
    AUTO(redis_reply_free) struct redis_reply *reply = NULL;
    struct redis_options options = { .host = host, .timeout_ms = site->config->source.timeout_ms };
    if (site->target_encrypted && site->target_access)
        options.tls = site->target_access->tls;
    if (!site->target_address || !redis_address_parse(site->target_address, host, &options.port))
        return error_set(err, ERROR_NOT_FOUND, "the target has no endpoint");
    bool let_in = redis_open(&options, &connection, err) && /* which greets it with a PING */
                  redis_call(connection, REDIS_NOW, &reply, err, "PING", NULL);
    if (!let_in && !error_is_remote(err, "NOAUTH") && !error_is_remote(err, "NOPERM"))
        return false;
    error_clear(err);
    *asks = !let_in;
    return true;
}

static bool may_log_in(const struct site *site) {
    return site->target_access && site->target_access->password;
}

bool endpoint_answers(struct site *site, struct error *err) {
    bool opened = site_targets(site, err), asks = false;
    if (opened)
        return shards_have_primaries(site, err);
    if (!site->target_asks_login || may_log_in(site) || !site->target_address)
        return false;
    error_clear(err);
    if (!endpoint_asks_login(site, &asks, err))
        return false;
    events_warn(site->events, NULL,
                "%s asks for a login, and target.after_cutover has no password: that it answers is "
                "all that was checked",
                site->target_address);
    return true;
}
