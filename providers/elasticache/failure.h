/* What a refusal means: the service's error answer to an error of ours and to what may be done
 * about it. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/elasticache/http.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"

enum failure {
    FAILURE_OTHER,     /* the service said no */
    FAILURE_THROTTLED, /* refused unread: to be sent again after a pause */
    FAILURE_TRANSIENT, /* broken over there; it may or may not have been carried out */
    FAILURE_SIGNATURE, /* refused unread; the clock may be the cause */
    FAILURE_EXPIRED,   /* refused unread; newer credentials may be there */
    FAILURE_KEY,       /* these credentials will never do */
    FAILURE_DENIED,
    FAILURE_REGION,
    FAILURE_NOT_FOUND,
    FAILURE_UNKNOWN, /* this endpoint has no such action */
};

/* Reads an answer that is not 2xx. `permission` is "elasticache:StartMigration"; a message that
 * repeats a header of ours (`token`, or NULL) is dropped, and only its first line is kept. */
enum failure failure_read(const struct http_answer *answer, const char *permission,
                          const char *token, struct error *err);
