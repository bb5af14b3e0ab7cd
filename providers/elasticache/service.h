/* Inside the client: what it knows, and one call. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/elasticache/credentials/credentials.h"
#include "providers/elasticache/elasticache.h"
#include "providers/elasticache/endpoint.h"
#include "providers/elasticache/http.h"
#include "providers/elasticache/query.h"
#include "providers/elasticache/retry.h"
#include "providers/elasticache/settings.h"
#include "providers/elasticache/xml.h"

enum service_name { SERVICE_ELASTICACHE, SERVICE_STS, SERVICE_IAM, SERVICE_COUNT };

struct service_replay { /* a recorded answer, replay.h */
    long status;
    const char *body;
    size_t length;
};

struct elasticache {
    struct settings settings;
    struct credentials credentials;
    char *region;
    bool region_is_fips; /* asked for as "fips-us-east-1" */
    struct endpoint endpoints[SERVICE_COUNT];
    struct http *http;
    struct retry retry;
    int64_t skew_ms;         /* the service's clock minus ours, as last seen */
    bool skew_is_applied;    /* in signatures; only after a refusal that a clock explains */
    bool renews;             /* its credentials come from the chain, and are looked for again */
    int64_t renewed_mono_ms; /* when they were last looked for */
    struct strings requests; /* elasticache_take_requests() */
    const struct service_replay *replay; /* taken for every answer: nothing is sent; or NULL */
};

struct action {
    const char *name; /* as on the wire and in IAM */
    enum service_name service;
    bool acts; /* changes something: not sent twice unless it was certainly not carried out */
};

/* One row of actions.def each; the file of that name says what is sent and what is read. */
#define READS(id, name, service) extern const struct action action_##id;
#define ACTS(id, name, service) extern const struct action action_##id;
#include "providers/elasticache/actions/actions.def"
#undef ACTS
#undef READS

/* Looks for credentials anew; *are_new: they differ from those held before, which they replace. */
MUST_CHECK bool service_renew(struct elasticache *service, int64_t deadline_mono_ms, bool *are_new,
                              struct error *err);
/* Before each sending: renews what comes near its end. False only when what is held has expired, or
 * is about to, and nothing newer is to be had. */
MUST_CHECK bool service_keep_fresh(struct elasticache *service, int64_t deadline_mono_ms,
                                   struct error *err);

struct retry retry_as_set(const struct settings *settings); /* AWS_MAX_ATTEMPTS, max_attempts */

void service_query(const struct action *action, struct query *out);

struct service_answer {
    struct xml *document;
    const struct xml *result; /* its <NameResult>; NULL where there is none */
};
void service_answer_clear(struct service_answer *answer);
AUTO_VALUE(struct service_answer, service_answer_clear)

/* Signs, sends, retries as the action allows. signature_expires_at_ms (optional) only ever grows:
 * for each sending it covers the time after which that copy cannot be accepted. */
MUST_CHECK bool service_call(struct elasticache *service, const struct query *query,
                             int64_t deadline_mono_ms, int64_t *signature_expires_at_ms,
                             struct service_answer *answer, struct error *err);

/* service_call() where it is enough that the call is accepted. */
MUST_CHECK bool service_act(struct elasticache *service, const struct query *query,
                            int64_t deadline_mono_ms, struct error *err);

/* service_call() for every page: `visit` gets each page's <NameResult>. A marker that comes back
 * unchanged, or more than PAGE_CEILING pages, is ERROR_FORMAT. */
#define PAGE_CEILING 1000
MUST_CHECK bool service_pages(struct elasticache *service, const struct query *query,
                              int64_t deadline_mono_ms,
                              void (*visit)(void *context, const struct xml *result), void *context,
                              struct error *err);
