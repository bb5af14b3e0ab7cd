/* One failure: a code, a message and a hint.
 *
 * A function that can fail returns bool, takes `struct error *err` last (never NULL) and leaves its
 * other outputs untouched on failure. Messages are lower case without a full stop and quote their
 * subject; hints say what to do next. error_set, error_hint and error_wrap return false, so that
 * failing is `return error_set(…)`; with a hint it is two statements, `error_set(…)` and
 * `return error_hint(…)`. No message may carry a secret. */
#pragma once

#include <stdbool.h>

#include "schemas/base/language.h"

enum exit_class {
#define EXIT_CLASS(symbol, status, class, meaning) EXIT_CLASS_##symbol,
#include "schemas/base/exit_classes.def"
#undef EXIT_CLASS
};

enum error_code {
    ERROR_NONE,
#define ERROR(symbol, name, class) ERROR_##symbol,
#include "schemas/base/error_codes.def"
#undef ERROR
};

struct error {
    enum error_code code;
    char *message;
    char *hint;        /* NULL when there is nothing to say */
    char *remote_code; /* what the other side called it, as ReplicationGroupNotFoundFault or
                          NOREPLICAS; or NULL */
};

bool error_set(struct error *err, enum error_code code, const char *format, ...) PRINTF_LIKE(3, 4);
bool error_set_errno(struct error *err, const char *format, ...)
    PRINTF_LIKE(2, 3); /* ERROR_IO, appends strerror(errno) */
bool error_hint(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);
bool error_wrap(struct error *err, const char *format, ...)
    PRINTF_LIKE(2, 3); /* "context: message" */
bool error_remote(struct error *err, const char *remote_code);
bool error_is_remote(const struct error *err, const char *remote_code);
void error_move(struct error *to, struct error *from); /* clears what `to` held */
void error_clear(struct error *err);
AUTO_VALUE(struct error, error_clear)

const char *error_name(enum error_code code); /* "unreachable" */
enum exit_class error_exit_class(enum error_code code);
int exit_class_status(enum exit_class class);       /* 0..130 */
const char *exit_class_name(enum exit_class class); /* "blocked" */
/* Of a run by its class: all of its plan was done, also where the audit is not proven. */
bool exit_class_is_done(const char *name);
const char *exit_class_meaning(enum exit_class class);
