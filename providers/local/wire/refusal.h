/* Error answers of the service. */
#pragma once

#include <stdbool.h>

#include "schemas/base/language.h"

enum api_error {
#define API_ERROR(symbol, code, status) API_ERROR_##symbol,
#include "providers/local/wire/api_errors.def"
#undef API_ERROR
};
const char *api_error_code(enum api_error error);
unsigned api_error_status(enum api_error error);

struct refusal {
    enum api_error error;
    char *message;
};
bool refuse(struct refusal *refusal, enum api_error error, const char *format, ...)
    PRINTF_LIKE(3, 4);
void refusal_clear(struct refusal *refusal);
AUTO_VALUE(struct refusal, refusal_clear)
