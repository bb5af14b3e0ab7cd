#include "schemas/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

static const struct {
    const char *name;
    enum exit_class class;
} codes[] = {
    [ERROR_NONE] = { "none", EXIT_CLASS_OK },
#define ERROR(symbol, name, class) [ERROR_##symbol] = { name, EXIT_CLASS_##class },
#include "schemas/base/error_codes.def"
#undef ERROR
};

static const struct {
    int status;
    const char *name, *meaning;
} classes[] = {
#define EXIT_CLASS(symbol, status, class, meaning)                                                 \
    [EXIT_CLASS_##symbol] = { status, class, meaning },
#include "schemas/base/exit_classes.def"
#undef EXIT_CLASS
};

static void replace(struct error *err, enum error_code code, char *message) {
    error_clear(err);
    err->code = code;
    err->message = message;
}

bool error_set(struct error *err, enum error_code code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *message = xvasprintf(format, arguments);
    va_end(arguments);
    replace(err, code, message);
    return false;
}

bool error_set_errno(struct error *err, const char *format, ...) {
    int saved = errno;
    va_list arguments;
    va_start(arguments, format);
    AUTO(string_free) char *what = xvasprintf(format, arguments);
    va_end(arguments);
    replace(err, ERROR_IO, xasprintf("%s: %s", what, strerror(saved)));
    return false;
}

bool error_hint(struct error *err, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *hint = xvasprintf(format, arguments);
    va_end(arguments);
    free(err->hint);
    err->hint = hint;
    return false;
}

bool error_wrap(struct error *err, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    AUTO(string_free) char *context = xvasprintf(format, arguments);
    va_end(arguments);
    char *message = xasprintf("%s: %s", context, err->message ? err->message : "failed");
    free(err->message);
    err->message = message;
    return false;
}

bool error_remote(struct error *err, const char *remote_code) {
    string_replace(&err->remote_code, remote_code);
    return false;
}

bool error_is_remote(const struct error *err, const char *remote_code) {
    return err->remote_code && strcmp(err->remote_code, remote_code) == 0;
}

void error_move(struct error *to, struct error *from) {
    if (to == from)
        return;
    error_clear(to);
    *to = MOVE(*from);
}

void error_clear(struct error *err) {
    if (!err)
        return;
    free(err->message);
    free(err->hint);
    free(err->remote_code);
    *err = (struct error){ 0 };
}

const char *error_name(enum error_code code) {
    return codes[code].name;
}

enum exit_class error_exit_class(enum error_code code) {
    return codes[code].class;
}

int exit_class_status(enum exit_class class) {
    return classes[class].status;
}

const char *exit_class_name(enum exit_class class) {
    return classes[class].name;
}

bool exit_class_is_done(const char *name) {
    return strcmp(name, classes[EXIT_CLASS_OK].name) == 0 ||
           strcmp(name, classes[EXIT_CLASS_UNPROVEN].name) == 0;
}

const char *exit_class_meaning(enum exit_class class) {
    return classes[class].meaning;
}
