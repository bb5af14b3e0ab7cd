#include "providers/elasticache/failure.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "providers/elasticache/xml.h"
#include "schemas/base/memory.h"

#define MESSAGE_CEILING_BYTES 600

static enum failure failure_of(const char *code, long status) {
    static const struct {
        const char *code;
        enum failure failure;
    } rows[] = {
#define SERVICE_CODE(code, failure) { code, FAILURE_##failure },
#include "providers/elasticache/codes.def"
#undef SERVICE_CODE
    };
    if (status == 501) /* some emulators call what they lack an InternalFailure */
        return FAILURE_UNKNOWN;
    for (size_t i = 0; code && i < COUNT(rows); i++)
        if (strcmp(code, rows[i].code) == 0)
            return rows[i].failure;
    if (status == 429)
        return FAILURE_THROTTLED;
    if (status >= 500)
        return FAILURE_TRANSIENT;
    if (code && strstr(code, "NotFound"))
        return FAILURE_NOT_FOUND;
    return FAILURE_OTHER;
}

static enum error_code error_of(enum failure failure) {
    switch (failure) {
    case FAILURE_THROTTLED:
        return ERROR_THROTTLED;
    case FAILURE_SIGNATURE:
    case FAILURE_EXPIRED:
    case FAILURE_KEY:
        return ERROR_CREDENTIALS;
    case FAILURE_DENIED:
        return ERROR_ACCESS_DENIED;
    case FAILURE_NOT_FOUND:
        return ERROR_NOT_FOUND;
    case FAILURE_OTHER:
    case FAILURE_TRANSIENT:
    case FAILURE_REGION:
    case FAILURE_UNKNOWN:
        break;
    }
    return ERROR_SERVICE;
}

static void add_hint(enum failure failure, const char *permission, struct error *err) {
    switch (failure) {
    case FAILURE_THROTTLED:
        error_hint(err, "other clients use the account's request rate; try again later");
        break;
    case FAILURE_SIGNATURE:
        error_hint(err, "check the secret access key and the region");
        break;
    case FAILURE_EXPIRED:
        error_hint(err, "the session token has expired; get new credentials");
        break;
    case FAILURE_KEY:
        error_hint(err, "check that the access key exists, is active and belongs to this "
                        "partition, and that its session token was set too");
        break;
    case FAILURE_DENIED:
        error_hint(err,
                   "allow %s in the IAM policy of these credentials; 'ecmig explain iam "
                   "FILE' prints the complete policy",
                   permission);
        break;
    case FAILURE_REGION:
        error_hint(err, "enable the region or the service for this account");
        break;
    case FAILURE_UNKNOWN:
        error_hint(err, "check the endpoint: it does not implement this action of the service");
        break;
    case FAILURE_OTHER:
    case FAILURE_TRANSIENT:
    case FAILURE_NOT_FOUND:
        break;
    }
}

/* The service's words, safe to show: a refused signature comes back with the whole canonical
 * request, headers and all, after the first line. */
static char *shown(const char *message, const char *token) {
    if (!message || (token && *token && strstr(message, token)))
        return NULL;
    size_t length = strcspn(message, "\r\n");
    char *line = xstrndup(message, length < MESSAGE_CEILING_BYTES ? length : MESSAGE_CEILING_BYTES);
    for (char *at = line; *at; at++)
        if (iscntrl((unsigned char)*at))
            *at = ' ';
    while (length > 0 && length <= MESSAGE_CEILING_BYTES && line[length - 1] == '.')
        line[--length] = '\0';
    return line;
}

/* <ErrorResponse><Error>…</Error><RequestId/></ErrorResponse>, or <Response><Errors><Error>…, or a
 * bare <Error>; RequestID is spelt both ways. */
static const struct xml *find_error(const struct xml *root) {
    const struct xml *found = xml_find(root, "Error");
    if (!found)
        found = xml_find(root, "Errors/Error");
    if (!found && root && strcmp(xml_name(root), "Error") == 0)
        found = root;
    return found;
}

static const char *find_request_id(const struct xml *root, const char *from_header) {
    static const char *const paths[] = { "RequestId", "RequestID", "Error/RequestId",
                                         "ResponseMetadata/RequestId" };
    for (size_t i = 0; i < COUNT(paths); i++) {
        const char *id = xml_text(root, paths[i]);
        if (id && strlen(id) < 200)
            return id;
    }
    return from_header;
}

enum failure failure_read(const struct http_answer *answer, const char *permission,
                          const char *token, struct error *err) {
    AUTO(error_clear) struct error unreadable = { 0 };
    AUTO(xml_free) struct xml *root = NULL;
    (void)!xml_parse(answer->body.bytes, answer->body.length, &root, &unreadable);
    const struct xml *error = find_error(root);
    AUTO(string_free) char *code = shown(xml_text(error, "Code"), token);
    AUTO(string_free) char *message = shown(xml_text(error, "Message"), token);
    AUTO(string_free) char *id = shown(find_request_id(root, answer->request_id), token);
    const char *action = strchr(permission, ':') + 1;
    enum failure failure = failure_of(code, answer->status);
    if (code && failure == FAILURE_UNKNOWN)
        error_set(err, ERROR_SERVICE, "the endpoint does not know %s: %s (HTTP %ld)%s%s", action,
                  code, answer->status, message ? ": " : "", message ? message : "");
    else if (code)
        error_set(err, error_of(failure), "%s was refused with %s (HTTP %ld%s%s)%s%s", action, code,
                  answer->status, id ? ", request " : "", id ? id : "", message ? ": " : "",
                  message ? message : "");
    else
        error_set(err, error_of(failure),
                  "%s got HTTP %ld without an error message of the service%s%s", action,
                  answer->status, id ? ", request " : "", id ? id : "");
    if (code)
        error_remote(err, code);
    else
        error_hint(err,
                   "a proxy or another server may have answered; check the endpoint and the proxy");
    add_hint(failure, permission, err);
    return failure;
}
