/* One call of the service and its answer. */
#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/replay.h"
#include "providers/trace/judge.h"
#include "schemas/base/memory.h"
#include "schemas/trace/aliases.h"

static const struct {
    const char *code;
    int status;
} refusals[] = {
#define API_ERROR(symbol, code, status) { code, status },
#include "providers/local/wire/api_errors.def"
#undef API_ERROR
};

/* "Tags.Tag.1.Key": the words of it that are not numbers. */
static void judge_request_member(void *context, const char *path, const struct json *value) {
    char name[64] = "", parent[64] = "";
    bool known = false;
    (void)value;
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, ".");
        if (length < sizeof name && strspn(at, "0123456789") != length) {
            memcpy(parent, name, sizeof parent);
            memcpy(name, at, length);
            name[length] = '\0';
        }
        at += length + (at[length] ? 1 : 0);
    }
    (void)alias_kind_of_member(name, parent, &known);
    if (!known)
        judge_differs(context, "unknown-request-member", "another version of ecmig wrote the trace",
                      "a request has the unknown member '%.60s'", path);
}

/* Which of the request's members its answer is about. */
static const char *subject_of(const struct json *request) {
    static const char *const names[] = { "ReplicationGroupId",
                                         "CacheClusterId",
                                         "CacheParameterGroupName",
                                         "ResourceName",
                                         "Engine",
                                         "SourceIdentifier",
                                         "ReplicationGroupIds.member.1" };
    for (size_t i = 0; i < COUNT(names); i++)
        if (json_find_string(request, names[i]))
            return json_find_string(request, names[i]);
    return NULL;
}

static const struct xml *error_of(const struct xml *root) {
    const struct xml *error = xml_find(root, "Error");
    return error ? error : xml_find(root, "Errors/Error");
}

static void judge_refusal(struct judge *judge, const char *action, long status,
                          const struct xml *root) {
    const char *code = xml_text(error_of(root), "Code");
    if (!code) {
        judge_differs(judge, "no-error-code",
                      "a proxy or another server may have answered; only the HTTP status decides "
                      "what is done",
                      "%s was refused with HTTP %ld without an error code", action, status);
        return;
    }
    for (size_t i = 0; i < COUNT(refusals); i++) {
        if (strcmp(refusals[i].code, code) != 0)
            continue;
        if (refusals[i].status != status)
            judge_differs(judge, "error-status",
                          "the local endpoint sends another HTTP status with this code; the client "
                          "goes by the code",
                          "%s: %s came with HTTP %ld, not %d", action, code, status,
                          refusals[i].status);
        return;
    }
    if (!elasticache_knows_code(code))
        judge_differs(judge, "unknown-error-code",
                      "it is taken as a refusal, or by its HTTP status as a reason to send a read "
                      "again; decide whether it is transient, and add it to codes.def",
                      "%s was refused with the unknown code '%.60s' (HTTP %ld)", action, code,
                      status);
}

static void judge_success(struct judge *judge, const struct json *line, const char *action,
                          const struct xml *root, const char *answer) {
    AUTO(error_clear) struct error err = { 0 };
    const struct json *request = json_find(line, "request");
    const struct service_recorded recorded = {
        .action = action,
        .subject = subject_of(request),
        .status = (long)json_find_int(line, "status", 0),
        .body = answer,
        .length = strlen(answer),
    };
    if (!elasticache_replay(&recorded, &err))
        judge_differs(judge, "unreadable-answer",
                      "the client fails here, and with it the command that asks",
                      "%s: the client cannot read the answer: %.300s", action, err.message);
    judge_members(judge, action, root);
    judge_order(judge, action, recorded.subject, root);
}

static bool is_read(const char *action) {
    return strncmp(action, "Describe", 8) == 0 || strncmp(action, "List", 4) == 0 ||
           strncmp(action, "Get", 3) == 0 || strncmp(action, "Simulate", 8) == 0;
}

void judge_exchange(struct judge *judge, const struct json *line) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(xml_free) struct xml *root = NULL;
    const char *action = json_find_string(line, "action");
    const char *answer = json_find_string(line, "answer");
    long status = (long)json_find_int(line, "status", 0);
    judge->report->calls++;
    if (!action || !elasticache_knows(action)) {
        judge_differs(judge, "unknown-action", "another version of ecmig wrote the trace",
                      "the action '%.60s' is not known", action ? action : "");
        return;
    }
    json_each(json_find(line, "request"), judge_request_member, judge);
    judge_took(judge, is_read(action) ? TIMING_READ : TIMING_ACT, json_find_int(line, "took_ms", 0),
               action);
    if (json_find(line, "problem")) {
        judge_lost(judge, action, subject_of(json_find(line, "request")));
        return;
    }
    if (!answer || !xml_parse(answer, strlen(answer), &root, &err)) {
        judge_differs(judge, "not-xml",
                      "a proxy or another server may have answered: the client reports the HTTP "
                      "status and what it expected",
                      "%s: HTTP %ld, and the body is not XML of the service", action, status);
        judge_lost(judge, action, subject_of(json_find(line, "request")));
        return;
    }
    if (status >= 200 && status <= 299)
        judge_success(judge, line, action, root, answer);
    else
        judge_refusal(judge, action, status, root);
}
