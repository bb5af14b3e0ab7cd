#include "providers/local/actions/dispatch.h"

#include <stdio.h>
#include <string.h>

#include "providers/local/actions/action.h"
#include "providers/local/fault/faults.h"
#include "providers/local/state/endpoint.h"
#include "providers/local/wire/signature.h"
#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/memory.h"

#define ELASTICACHE_NAMESPACE "http://elasticache.amazonaws.com/doc/2015-02-02/"
#define STATUS_OK 200

static void make_request_id(char out[REQUEST_ID_BYTES]) {
    AUTO(string_free) char *hex = random_hex(16);
    snprintf(out, REQUEST_ID_BYTES, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

static void write_refusal(struct http_page *page, const char *namespace,
                          const struct refusal *refusal) {
    struct text *text = &page->text;
    page->status = api_error_status(refusal->error);
    text_addf(text, "<ErrorResponse xmlns=\"%s\"><Error>", namespace);
    markup_string(text, "Type", page->status >= 500 ? "Receiver" : "Sender");
    markup_string(text, "Code", api_error_code(refusal->error));
    markup_string(text, "Message", refusal->message);
    text_add(text, "</Error>");
    markup_string(text, "RequestId", page->request_id);
    text_add(text, "</ErrorResponse>");
}

static void write_result(struct http_page *page, const struct action *action,
                         const struct text *result) {
    struct text *text = &page->text;
    page->status = STATUS_OK;
    text_addf(text, "<%sResponse xmlns=\"%s\">", action->name, action->namespace);
    if (action->effect != VANISHES)
        text_addf(text, "<%sResult>%s</%sResult>", action->name, text_string(result), action->name);
    text_add(text, "<ResponseMetadata>");
    markup_string(text, "RequestId", page->request_id);
    text_addf(text, "</ResponseMetadata></%sResponse>", action->name);
}

static bool check_signature(const struct http_request *request, struct signer *signer,
                            struct refusal *refusal) {
    AUTO(secret_free)
    struct secret *key = secret_new(LOCAL_SECRET_ACCESS_KEY, strlen(LOCAL_SECRET_ACCESS_KEY));
    struct signed_request what = {
        .method = request->method,
        .path = request->path,
        .query = "",
        .headers = request->headers,
        .body = text_string(request->body),
        .body_length = request->body->length,
    };
    return host_check(request->headers, refusal) &&
           signature_check(&what, LOCAL_ACCESS_KEY_ID, key, clock_wall_ms(), signer, refusal);
}

static bool find_action(const struct pairs *form, const struct signer *signer,
                        const struct action **out, struct refusal *refusal) {
    const char *name = pairs_find(form, "Action"), *version = pairs_find(form, "Version");
    if (!name)
        return refuse(refusal, API_ERROR_MISSING_ACTION, "The request has no Action.");
    *out = action_find(name, version ? version : "");
    if (!*out)
        return refuse(refusal, API_ERROR_INVALID_ACTION,
                      "Could not find operation %s for version %s", name,
                      version ? version : "NO_VERSION_SPECIFIED");
    if (strcmp(signer->region, LOCAL_REGION) != 0)
        return refuse(refusal, API_ERROR_SIGNATURE,
                      "Credential should be scoped to a valid region, not '%s'.", signer->region);
    if (strcmp(signer->service, (*out)->service) != 0)
        return refuse(refusal, API_ERROR_SIGNATURE,
                      "Credential should be scoped to correct service: '%s'.", (*out)->service);
    return true;
}

static bool run_action(const struct action *action, struct request *request,
                       const struct fault *fault) {
    struct endpoint *endpoint = request->endpoint;
    AUTO(error_clear) struct error err = { 0 };
    if (fault && fault->kind == FAULT_THROTTLE)
        return refuse(request->refusal, API_ERROR_THROTTLED, "Rate exceeded");
    if (fault && fault->kind == FAULT_DENY)
        return refuse(request->refusal, API_ERROR_ACCESS_DENIED,
                      "User: " LOCAL_CALLER " is not authorized to perform: %s:%s", action->service,
                      action->name);
    if (fault && fault->kind == FAULT_UNKNOWN)
        return refuse(request->refusal, API_ERROR_INVALID_ACTION, "Could not find operation %s",
                      action->name);
    if (fault && fault->kind == FAULT_FAIL)
        return refuse(request->refusal, API_ERROR_INTERNAL, "An injected fault.");
    if (!action->run(request))
        return false;
    if (action->effect != READS && !state_save(endpoint->dir, &endpoint->state, &err)) {
        endpoint->changed = true;
        return refuse(request->refusal, API_ERROR_INTERNAL, "%s", err.message);
    }
    if (fault && fault->kind == FAULT_FAIL_AFTER)
        return refuse(request->refusal, API_ERROR_INTERNAL, "An injected fault.");
    return true;
}

/* What a fault makes of the answer. */
static void spoil(struct http_page *page, const struct fault *fault) {
    page->dropped = fault->kind == FAULT_DROP;
    page->delay_ms = fault->kind == FAULT_DELAY ? fault->for_ms : 0;
    if (fault->kind != FAULT_GARBAGE)
        return;
    page->status = STATUS_OK;
    text_clear(&page->text);
    text_add(&page->text, "<html><body>It works!</body>");
}

/* What can be read of the request, and by whom it was signed. */
static bool read_request(const struct http_request *request, struct signer *signer,
                         struct pairs *form, struct refusal *refusal) {
    if (strcmp(request->method, "POST") != 0)
        return refuse(refusal, API_ERROR_MISSING_ACTION, "Requests are sent by POST.");
    if (request->body->overflowed)
        return refuse(refusal, API_ERROR_MALFORMED_QUERY, "The request is too large.");
    if (!check_signature(request, signer, refusal))
        return false;
    return form_parse(text_string(request->body), request->body->length, form) ||
           refuse(refusal, API_ERROR_MALFORMED_QUERY, "The query string is malformed.");
}

void dispatch(struct endpoint *endpoint, const struct http_request *request,
              struct http_page *page) {
    AUTO(fault_clear) struct fault fault = { 0 };
    AUTO(refusal_clear) struct refusal refusal = { 0 };
    AUTO(signer_clear) struct signer signer = { 0 };
    AUTO(form_clear) struct pairs form = { 0 };
    AUTO(text_clear) struct text result = { 0 };
    const struct action *action = NULL;
    bool done = read_request(request, &signer, &form, &refusal) &&
                find_action(&form, &signer, &action, &refusal);
    struct request call = { endpoint, &form, signer.region, &result, &refusal };
    bool injected = done && fault_on_call(endpoint->dir, action->name, &fault);
    done = done && run_action(action, &call, injected ? &fault : NULL);
    endpoint_log("%s %s%s%s", action ? action->name : "-",
                 done ? "ok" : api_error_code(refusal.error), injected ? ", fault " : "",
                 injected ? fault_rows[fault.kind].name : "");
    make_request_id(page->request_id);
    if (done)
        write_result(page, action, &result);
    else
        write_refusal(page, action ? action->namespace : ELASTICACHE_NAMESPACE, &refusal);
    if (injected)
        spoil(page, &fault);
}
