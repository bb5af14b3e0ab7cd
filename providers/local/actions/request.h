/* What handlers share: the values of the form, and refusing for the handler. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/local/state/endpoint.h"
#include "providers/local/wire/form.h"
#include "providers/local/wire/markup.h"
#include "providers/local/wire/refusal.h"

struct request {
    struct endpoint *endpoint;
    const struct pairs *form;
    const char *region; /* that the client signed for */
    struct text *out;
    struct refusal *refusal;
};

const char *request_value(const struct request *request, const char *name); /* NULL when absent */
MUST_CHECK bool request_required(struct request *request, const char *name, const char **out);
MUST_CHECK bool request_bool(struct request *request, const char *name, bool *in_out);
MUST_CHECK bool request_int(struct request *request, const char *name, int64_t minimum,
                            int64_t maximum, int64_t *in_out);
MUST_CHECK bool request_group(struct request *request, struct group **out);
MUST_CHECK bool request_available_group(struct request *request, struct group **out);
void request_strings(const struct request *request, const char *prefix, struct strings *out);
MUST_CHECK bool request_tags(struct request *request, struct pairs *tags);
/* A list's slice by MaxRecords and Marker; answer_marker closes it. */
struct slice {
    size_t first, end;
};
MUST_CHECK bool request_slice(struct request *request, size_t total, struct slice *out);
void answer_marker(struct request *request, const struct slice *slice, size_t total);
