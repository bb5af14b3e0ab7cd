#include "providers/local/wire/refusal.h"

#include <stdarg.h>
#include <stdlib.h>

#include "schemas/base/memory.h"

static const struct {
    const char *code;
    unsigned status;
} rows[] = {
#define API_ERROR(symbol, code, status) { code, status },
#include "providers/local/wire/api_errors.def"
#undef API_ERROR
};

const char *api_error_code(enum api_error error) {
    return rows[error].code;
}

unsigned api_error_status(enum api_error error) {
    return rows[error].status;
}

bool refuse(struct refusal *refusal, enum api_error error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    free(refusal->message);
    refusal->message = xvasprintf(format, arguments);
    refusal->error = error;
    va_end(arguments);
    return false;
}

void refusal_clear(struct refusal *refusal) {
    if (!refusal)
        return;
    free(refusal->message);
    *refusal = (struct refusal){ 0 };
}
