#include "providers/local/wire/form.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schemas/base/memory.h"
#include "schemas/base/utf8.h"

void form_clear(struct pairs *form) {
    if (!form)
        return;
    for (size_t i = 0; i < form->count; i++) {
        free(form->items[i].name);
        free(form->items[i].value);
    }
    free(form->items);
    *form = (struct pairs){ 0 };
}

static int digit(char character) {
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return -1;
}

static bool is_utf8(const char *bytes, size_t length) {
    uint32_t character = 0;
    size_t at = 0;
    for (size_t size = 1; at < length && size; at += size)
        size = utf8_decode((const unsigned char *)bytes + at, length - at, &character);
    return at == length;
}

/* NULL for what is not well formed. */
static char *decode(const char *bytes, size_t length) {
    AUTO(string_free) char *out = xcalloc(length + 1, 1);
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        char character = bytes[i] == '+' ? ' ' : bytes[i];
        if (bytes[i] == '%') {
            if (length - i < 3 || digit(bytes[i + 1]) < 0 || digit(bytes[i + 2]) < 0)
                return NULL;
            character = (char)(digit(bytes[i + 1]) * 16 + digit(bytes[i + 2]));
            i += 2;
        }
        if (!character)
            return NULL;
        out[at++] = character;
    }
    return is_utf8(out, at) ? TAKE(out) : NULL;
}

static bool add_field(struct pairs *form, const char *bytes, size_t length) {
    const char *equals = memchr(bytes, '=', length);
    size_t name_length = equals ? (size_t)(equals - bytes) : length;
    AUTO(string_free) char *name = decode(bytes, name_length);
    AUTO(string_free)
    char *value = equals ? decode(equals + 1, length - name_length - 1) : xstrdup("");
    if (!name || !value)
        return false;
    pairs_set(form, name, value);
    return form->count <= FORM_FIELD_CEILING;
}

bool form_parse(const char *bytes, size_t length, struct pairs *out) {
    AUTO(form_clear) struct pairs form = { 0 };
    for (size_t at = 0; at < length;) {
        const char *end = memchr(bytes + at, '&', length - at);
        size_t part = end ? (size_t)(end - bytes) - at : length - at;
        if (part && !add_field(&form, bytes + at, part))
            return false;
        at += part + 1;
    }
    *out = form;
    form = (struct pairs){ 0 };
    return true;
}

const char *form_member(const struct pairs *form, const char *prefix, size_t number,
                        const char *field) {
    AUTO(string_free)
    char *name = xasprintf("%s.%zu%s%s", prefix, number, field ? "." : "", field ? field : "");
    return pairs_find(form, name);
}

bool form_bool(const struct pairs *form, const char *name, bool *present, bool *out) {
    const char *value = pairs_find(form, name);
    *present = value != NULL;
    if (!value)
        return true;
    bool yes = strcasecmp(value, "true") == 0;
    if (!yes && strcasecmp(value, "false") != 0)
        return false;
    *out = yes;
    return true;
}

bool form_int(const struct pairs *form, const char *name, bool *present, int64_t *out) {
    const char *value = pairs_find(form, name);
    char *end = NULL;
    *present = value != NULL;
    if (!value)
        return true;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (end == value || *end || errno)
        return false;
    *out = number;
    return true;
}
