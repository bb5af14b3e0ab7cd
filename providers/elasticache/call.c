#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/failure.h"
#include "providers/elasticache/service.h"
#include "providers/elasticache/sigv4.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"

#define CONTENT_TYPE "application/x-www-form-urlencoded; charset=utf-8"
#define ATTEMPT_TIMEOUT_READS_MS 15000 /* a hung connection leaves time for the next attempt */
#define ATTEMPT_TIMEOUT_ACTS_MS 60000
#define SKEW_CEILING_MS ((int64_t)4 * 60 * 1000)
/* The documents name 5 and 15 minutes; what may still be accepted counts by the longer. */
#define SIGNATURE_LIFE_MS ((int64_t)15 * 60 * 1000)
#define DATE_HEADER_GRAIN_MS 1000

#define READS(id, name, service)                                                                   \
    const struct action action_##id = { name, SERVICE_##service, false };
#define ACTS(id, name, service) const struct action action_##id = { name, SERVICE_##service, true };
#include "providers/elasticache/actions/actions.def"
#undef ACTS
#undef READS

static const struct {
    const char *name, *version;
} services[] = {
    [SERVICE_ELASTICACHE] = { "elasticache", "2015-02-02" },
    [SERVICE_STS] = { "sts", "2011-06-15" },
    [SERVICE_IAM] = { "iam", "2010-05-08" },
};

/* One call on its way through its attempts. */
struct call {
    struct elasticache *service;
    const struct action *action; /* the query's */
    const struct query *query;
    int64_t deadline_mono_ms;
    int64_t *signature_expires_at_ms;
    char *permission;
    int attempt;
    bool skew_was_tried, credentials_were_tried;
    int64_t retry_after_ms;
};

void service_query(const struct action *action, struct query *out) {
    query_init(out, action->name, services[action->service].version);
    out->action = action;
}

/* By our own clock the copy dies when the service's clock passes its date by a signature's life; by
 * the service's clock likewise. The later of the two numbers is safe for the caller that compares.
 */
static void note_expiry(const struct call *call, int64_t signed_at_ms) {
    if (!call->signature_expires_at_ms)
        return;
    int64_t skew_ms = call->service->skew_ms;
    int64_t expires_at_ms =
        signed_at_ms + SIGNATURE_LIFE_MS + DATE_HEADER_GRAIN_MS + (skew_ms < 0 ? -skew_ms : 0);
    if (*call->signature_expires_at_ms < expires_at_ms)
        *call->signature_expires_at_ms = expires_at_ms;
}

int64_t elasticache_clock_ms(const struct elasticache *service) {
    return clock_wall_ms() + service->skew_ms;
}

int64_t elasticache_signature_ends_ms(const struct elasticache *service, int64_t within_ms) {
    int64_t skew_ms = service->skew_ms;
    int64_t ahead_ms = skew_ms > 0 || service->skew_is_applied ? skew_ms : 0;
    return clock_wall_ms() + ahead_ms + within_ms + SIGNATURE_LIFE_MS + DATE_HEADER_GRAIN_MS;
}

static void sign(const struct call *call, struct http_request *post) {
    const struct elasticache *service = call->service;
    const struct endpoint *endpoint = &service->endpoints[call->action->service];
    int64_t now_ms = clock_wall_ms() + (service->skew_is_applied ? service->skew_ms : 0);
    char time[CLOCK_TEXT_BYTES];
    clock_format_compact(now_ms, time);
    note_expiry(call, now_ms);
    const struct secret *token = service->credentials.session_token;
    if (!service->credentials.access_key_id) { /* the web identity token is the proof */
        strings_add(&post->headers, "Content-Type: " CONTENT_TYPE);
        return;
    }
    struct sigv4_header headers[] = {
        { "Host", endpoint->host },
        { "Content-Type", CONTENT_TYPE },
        { "X-Amz-Date", time },
        { "X-Amz-Security-Token", token ? secret_bytes(token) : "" },
    };
    struct sigv4_request request = {
        .method = "POST",
        .path = endpoint->path,
        .query = "",
        .headers = headers,
        .header_count = token ? 4 : 3,
        .body = text_string(&call->query->body),
        .body_length = call->query->body.length,
    };
    struct sigv4_scope scope = { time,
                                 endpoint->signing_region ? endpoint->signing_region
                                                          : service->region,
                                 services[call->action->service].name };
    AUTO(string_free)
    char *authorization = sigv4_authorization(&request, &scope, service->credentials.access_key_id,
                                              service->credentials.secret_key);
    for (size_t i = 0; i < request.header_count; i++)
        strings_addf(&post->headers, "%s: %s", headers[i].name, headers[i].value);
    strings_addf(&post->headers, "Authorization: %s", authorization);
}

static bool lost(const struct call *call, struct error *err) {
    err->code = ERROR_LOST_ANSWER;
    error_wrap(err, "%s may or may not have been executed", call->action->name);
    return error_hint(err, "look at the group's status and events before sending it again");
}

/* An answer of 2xx. Garbage in it says nothing about what was done. */
static void note_request(const struct call *call, const char *id) {
    struct strings *requests = &call->service->requests;
    if (call->action->acts && id && requests->count < ELASTICACHE_REQUEST_CEILING)
        strings_addf(requests, "%s %.100s", call->action->name, id);
}

static bool read_success(const struct call *call, const struct http_answer *answer,
                         struct service_answer *out, struct error *err) {
    AUTO(xml_free) struct xml *root = NULL;
    AUTO(string_free) char *wrapper = xasprintf("%sResponse", call->action->name);
    bool parsed = xml_parse(answer->body.bytes, answer->body.length, &root, err);
    if (parsed && strcmp(xml_name(root), wrapper) != 0)
        parsed = error_set(err, ERROR_FORMAT, "the answer is a '%.40s'", xml_name(root));
    if (!parsed) {
        error_wrap(err, "%s: HTTP %ld, and the body is not an answer of the service",
                   call->action->name, answer->status);
        error_hint(err,
                   "a proxy or another server may have answered; check the endpoint and the proxy");
        return call->action->acts ? lost(call, err) : false;
    }
    AUTO(string_free) char *name = xasprintf("%sResult", call->action->name);
    const char *id = xml_text(root, "ResponseMetadata/RequestId");
    note_request(call, id ? id : answer->request_id);
    service_answer_clear(out);
    out->result = xml_first(root, name);
    out->document = TAKE(root);
    return true;
}

/* Learns the service's clock; true when ours is off by so much that it explains a refusal. */
static bool learn_clock(struct elasticache *service, const struct http_answer *answer) {
    if (answer->date_at_ms == 0)
        return false;
    service->skew_ms = answer->date_at_ms - clock_wall_ms();
    return service->skew_ms > SKEW_CEILING_MS || service->skew_ms < -SKEW_CEILING_MS;
}

/* After a refusal: may the same be sent again? Sets *wait to whether to pause first. */
static bool may_repeat(struct call *call, enum failure failure, bool clock_is_off, bool *wait) {
    struct elasticache *service = call->service;
    *wait = false;
    switch (failure) {
    case FAILURE_THROTTLED:
    case FAILURE_TRANSIENT:
        *wait = true;
        return (failure == FAILURE_THROTTLED || !call->action->acts) &&
               retry_again(&service->retry, call->attempt, failure == FAILURE_THROTTLED);
    case FAILURE_SIGNATURE: {
        bool again = clock_is_off && !call->skew_was_tried;
        call->skew_was_tried = true;
        service->skew_is_applied = service->skew_is_applied || again;
        return again;
    }
    case FAILURE_EXPIRED:
    case FAILURE_KEY: {
        if (call->credentials_were_tried)
            return false;
        call->credentials_were_tried = true;
        AUTO(error_clear) struct error ignored = { 0 };
        bool are_new = false;
        return service_renew(service, call->deadline_mono_ms, &are_new, &ignored) && are_new;
    }
    case FAILURE_OTHER:
    case FAILURE_DENIED:
    case FAILURE_REGION:
    case FAILURE_NOT_FOUND:
    case FAILURE_UNKNOWN:
        break;
    }
    return false;
}

static void explain_clock(const struct call *call, struct error *err) {
    char time[CLOCK_TEXT_BYTES];
    clock_format_seconds(clock_wall_ms() + call->service->skew_ms, time);
    error_hint(err, "this machine's clock is off by %lld s: the service says %s; set the clock",
               (long long)(-call->service->skew_ms / 1000), time);
}

enum outcome { OUTCOME_DONE, OUTCOME_FAILED, OUTCOME_AGAIN, OUTCOME_AGAIN_AT_ONCE };

static enum outcome after_no_answer(struct call *call, struct error *err) {
    if (call->action->acts && (err->code == ERROR_LOST_ANSWER || err->code == ERROR_LIMIT)) {
        (void)lost(call, err);
        return OUTCOME_FAILED;
    }
    error_wrap(err, "%s", call->action->name);
    if (err->code == ERROR_LOST_ANSWER)
        err->code = clock_left_ms(call->deadline_mono_ms) ? ERROR_UNREACHABLE : ERROR_DEADLINE;
    if (err->code != ERROR_UNREACHABLE || !retry_again(&call->service->retry, call->attempt, false))
        return OUTCOME_FAILED;
    return OUTCOME_AGAIN;
}

static enum outcome after_refusal(struct call *call, const struct http_answer *answer,
                                  struct error *err) {
    const struct secret *token = call->service->credentials.session_token;
    enum failure failure =
        failure_read(answer, call->permission, token ? secret_bytes(token) : NULL, err);
    bool clock_is_off = learn_clock(call->service, answer), wait = false;
    call->retry_after_ms = answer->retry_after_ms;
    if (may_repeat(call, failure, clock_is_off, &wait))
        return wait ? OUTCOME_AGAIN : OUTCOME_AGAIN_AT_ONCE;
    if (failure == FAILURE_SIGNATURE && clock_is_off)
        explain_clock(call, err);
    if (failure == FAILURE_TRANSIENT && call->action->acts)
        (void)lost(call, err);
    return OUTCOME_FAILED;
}

static struct {
    void (*seen)(void *context, const struct service_exchange *exchange);
    void *context;
} watcher;

void elasticache_watch(void (*seen)(void *context, const struct service_exchange *exchange),
                       void *context) {
    watcher.seen = seen;
    watcher.context = context;
}

static void show_exchange(const struct call *call, const struct http_answer *answer,
                          const struct error *problem, int64_t sent_mono_ms) {
    bool gives_credentials = strncmp(call->action->name, "AssumeRole", 10) == 0;
    if (!watcher.seen || gives_credentials)
        return;
    const struct service_exchange exchange = {
        .service = services[call->action->service].name,
        .action = call->action->name,
        .host = call->service->endpoints[call->action->service].host,
        .attempt = call->attempt,
        .body = text_string(&call->query->body),
        .body_length = call->query->body.length,
        .status = problem ? 0 : answer->status,
        .answer = text_string(&answer->body),
        .answer_length = answer->body.length,
        .problem = problem,
        .sent_mono_ms = sent_mono_ms,
        .ended_mono_ms = clock_mono_ms(),
    };
    watcher.seen(watcher.context, &exchange);
}

static bool send_or_replay(const struct call *call, const struct http_request *post,
                           struct http_answer *answer, struct error *err) {
    const struct service_replay *replay = call->service->replay;
    int64_t sent_mono_ms = clock_mono_ms();
    if (replay) {
        answer->status = replay->status;
        text_add_bytes(&answer->body, replay->body, replay->length);
        return true;
    }
    bool answered = http_send(call->service->http, post, answer, err);
    show_exchange(call, answer, answered ? NULL : err, sent_mono_ms);
    return answered;
}

static enum outcome attempt(struct call *call, struct service_answer *out, struct error *err) {
    struct http_request post = {
        .url = call->service->endpoints[call->action->service].url,
        .body = text_string(&call->query->body),
        .body_length = call->query->body.length,
        .once = call->action->acts,
        .timeout_ms = call->action->acts ? ATTEMPT_TIMEOUT_ACTS_MS : ATTEMPT_TIMEOUT_READS_MS,
        .deadline_mono_ms = call->deadline_mono_ms,
    };
    call->retry_after_ms = -1;
    if (!service_keep_fresh(call->service, call->deadline_mono_ms, err)) {
        error_wrap(err, "%s", call->action->name);
        return OUTCOME_FAILED;
    }
    sign(call, &post);
    AUTO(http_answer_clear) struct http_answer answer = { 0 };
    bool answered = send_or_replay(call, &post, &answer, err);
    strings_clear(&post.headers);
    if (!answered)
        return after_no_answer(call, err);
    if (answer.status < 200 || answer.status > 299)
        return after_refusal(call, &answer, err);
    (void)learn_clock(call->service, &answer);
    if (!read_success(call, &answer, out, err))
        return OUTCOME_FAILED;
    retry_succeeded(&call->service->retry);
    return OUTCOME_DONE;
}

/* False when the pause would outlast the deadline: then the refusal itself is the better answer. */
static bool pause_before_next(const struct call *call, bool throttled) {
    uint32_t random = 0;
    random_bytes(&random, sizeof random);
    int64_t delay_ms =
        retry_delay_ms(call->attempt, throttled, call->retry_after_ms, random % 1000000);
    if (delay_ms >= clock_left_ms(call->deadline_mono_ms))
        return false;
    int64_t until_mono_ms = clock_mono_ms() + delay_ms;
    for (int left_ms; (left_ms = clock_left_ms(until_mono_ms)) > 0;)
        clock_sleep_ms(left_ms);
    return true;
}

bool service_call(struct elasticache *service, const struct query *query, int64_t deadline_mono_ms,
                  int64_t *signature_expires_at_ms, struct service_answer *answer,
                  struct error *err) {
    const struct action *action = query->action;
    if (!text_ok(&query->body, "the request", err))
        return false;
    AUTO(string_free)
    char *permission = xasprintf("%s:%s", services[action->service].name, action->name);
    struct call call = {
        .service = service,
        .action = action,
        .query = query,
        .deadline_mono_ms = deadline_mono_ms,
        .signature_expires_at_ms = signature_expires_at_ms,
        .permission = permission,
    };
    service->retry.borrowed = 0;
    for (;;) {
        call.attempt++;
        AUTO(error_clear) struct error failure = { 0 };
        enum outcome outcome = attempt(&call, answer, &failure);
        if (outcome == OUTCOME_DONE)
            return true;
        if (outcome == OUTCOME_FAILED ||
            (outcome == OUTCOME_AGAIN &&
             !pause_before_next(&call, failure.code == ERROR_THROTTLED))) {
            error_move(err, &failure);
            return false;
        }
    }
}

bool service_act(struct elasticache *service, const struct query *query, int64_t deadline_mono_ms,
                 struct error *err) {
    AUTO(service_answer_clear) struct service_answer answer = { 0 };
    return service_call(service, query, deadline_mono_ms, NULL, &answer, err);
}

void service_answer_clear(struct service_answer *answer) {
    xml_free(answer->document);
    *answer = (struct service_answer){ 0 };
}
