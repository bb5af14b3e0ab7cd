#include "providers/elasticache/query.h"

#include <ctype.h>
#include <string.h>

#include "schemas/base/memory.h"

#define BODY_CEILING_BYTES ((size_t)1 << 20)

static bool unreserved(unsigned char byte) {
    return byte < 0x80 && (isalnum(byte) || strchr("-_.~", byte)) && byte;
}

static void add_encoded(struct text *text, const char *value) {
    for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
        if (unreserved(*at))
            text_add_char(text, (char)*at);
        else
            text_addf(text, "%%%02X", *at);
    }
}

void query_init(struct query *query, const char *action, const char *version) {
    text_init(&query->body, BODY_CEILING_BYTES);
    text_addf(&query->body, "Action=%s&Version=%s", action, version);
}

void query_add(struct query *query, const char *name, const char *value) {
    if (!value)
        return;
    text_addf(&query->body, "&%s=", name);
    add_encoded(&query->body, value);
}

void query_add_int(struct query *query, const char *name, int64_t value) {
    text_addf(&query->body, "&%s=%lld", name, (long long)value);
}

void query_add_bool(struct query *query, const char *name, bool value) {
    query_add(query, name, value ? "true" : "false");
}

void query_add_item(struct query *query, const char *list, size_t number, const char *field,
                    const char *value) {
    AUTO(string_free)
    char *name =
        field ? xasprintf("%s.%zu.%s", list, number, field) : xasprintf("%s.%zu", list, number);
    query_add(query, name, value);
}

void query_clear(struct query *query) {
    text_clear(&query->body);
}
