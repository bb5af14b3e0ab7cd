/* What a refusal means: the service's error answer to an error of ours and to what may be done
 * about it. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/elasticache/http.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"

enum fault {
    FAULT_OTHER,     /* the service said no */
    FAULT_THROTTLED, /* refused unread: to be sent again after a pause */
    FAULT_TRANSIENT, /* broken over there; it may or may not have been carried out */
    FAULT_SIGNATURE, /* refused unread; the clock may be the cause */
    FAULT_EXPIRED,   /* refused unread; newer credentials may be there */
    FAULT_KEY,       /* these credentials will never do */
    FAULT_DENIED,
    FAULT_REGION,
    FAULT_NOT_FOUND,
};

/* Reads an answer that is not 2xx. `permission` is "elasticache:StartMigration"; a message that
 * repeats a header of ours (`token`, or NULL) is dropped, and only its first line is kept. */
enum fault failure_read(const struct http_answer *answer, const char *permission, const char *token,
                        struct error *err);
