#include "schemas/json/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/base/text.h"
#include "schemas/base/utf8.h"

static json_t *raw(const struct json *value) {
    return (json_t *)(uintptr_t)value;
}

static struct json *wrapped(json_t *value) {
    if (!value)
        abort();
    return (struct json *)value;
}

struct json *json_new_object(void) {
    return wrapped(json_object());
}

struct json *json_new_array(void) {
    return wrapped(json_array());
}

struct json *json_new_string(const char *value) {
    json_t *string = json_string(value);
    if (string)
        return wrapped(string);
    AUTO(text_clear) struct text mended = { 0 };
    uint32_t character = 0;
    for (size_t at = 0, all = strlen(value), length; at < all; at += length ? length : 1) {
        length = utf8_decode((const unsigned char *)value + at, all - at, &character);
        if (length)
            text_add_bytes(&mended, value + at, length);
        else
            text_add(&mended, "\xEF\xBF\xBD");
    }
    return wrapped(json_string(text_string(&mended)));
}

struct json *json_new_int(int64_t value) {
    return wrapped(json_integer(value));
}

struct json *json_new_bool(bool value) {
    return wrapped(json_boolean(value));
}

struct json *json_share(const struct json *value) {
    return (struct json *)json_incref(raw(value));
}

void json_free(struct json *value) {
    json_decref(raw(value));
}

void json_put(struct json *object, const char *key, struct json *value) {
    if (value && json_object_set_new(raw(object), key, raw(value)) != 0)
        abort();
}

void json_put_string(struct json *object, const char *key, const char *value) {
    if (value)
        json_put(object, key, json_new_string(value));
}

void json_put_int(struct json *object, const char *key, int64_t value) {
    json_put(object, key, json_new_int(value));
}

void json_put_bool(struct json *object, const char *key, bool value) {
    json_put(object, key, json_new_bool(value));
}

void json_put_strings(struct json *object, const char *key, const struct strings *list) {
    struct json *array = json_new_array();
    for (size_t i = 0; i < list->count; i++)
        json_append(array, json_new_string(list->items[i]));
    json_put(object, key, array);
}

void json_remove(struct json *object, const char *key) {
    (void)json_object_del(raw(object), key);
}

void json_append(struct json *array, struct json *value) {
    if (value && json_array_append_new(raw(array), raw(value)) != 0)
        abort();
}

enum json_kind json_kind_of(const struct json *value) {
    if (!value)
        return JSON_KIND_NULL;
    switch (json_typeof(raw(value))) {
    case JSON_OBJECT:
        return JSON_KIND_OBJECT;
    case JSON_ARRAY:
        return JSON_KIND_ARRAY;
    case JSON_STRING:
        return JSON_KIND_STRING;
    case JSON_INTEGER:
        return JSON_KIND_INT;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSON_KIND_BOOL;
    case JSON_REAL:
    case JSON_NULL:
        break;
    }
    return JSON_KIND_NULL;
}

size_t json_count(const struct json *value) {
    switch (json_kind_of(value)) {
    case JSON_KIND_OBJECT:
        return json_object_size(raw(value));
    case JSON_KIND_ARRAY:
        return json_array_size(raw(value));
    default:
        return 0;
    }
}

const struct json *json_at(const struct json *array, size_t index) {
    return (const struct json *)json_array_get(raw(array), index);
}

const struct json *json_find(const struct json *object, const char *key) {
    return (const struct json *)json_object_get(raw(object), key);
}

const char *json_string_of(const struct json *value) {
    return json_string_value(raw(value));
}

int64_t json_int_of(const struct json *value, int64_t fallback) {
    if (!json_is_integer(raw(value)) || !number_is_sane(json_integer_value(raw(value))))
        return fallback;
    return json_integer_value(raw(value));
}

bool json_bool_of(const struct json *value, bool fallback) {
    return json_is_boolean(raw(value)) ? json_is_true(raw(value)) : fallback;
}

const char *json_find_string(const struct json *object, const char *key) {
    return json_string_of(json_find(object, key));
}

int64_t json_find_int(const struct json *object, const char *key, int64_t fallback) {
    return json_int_of(json_find(object, key), fallback);
}

bool json_find_bool(const struct json *object, const char *key, bool fallback) {
    return json_bool_of(json_find(object, key), fallback);
}

bool json_same(const struct json *left, const struct json *right) {
    return json_equal(raw(left), raw(right)) == 1;
}

void json_each(const struct json *object,
               void (*visit)(void *context, const char *key, const struct json *value),
               void *context) {
    AUTO(strings_clear) struct strings keys = { 0 };
    const char *key;
    json_t *value;
    json_object_foreach(raw(object), key, value) {
        strings_add(&keys, key);
    }
    strings_sort(&keys);
    for (size_t i = 0; i < keys.count; i++)
        visit(context, keys.items[i], json_find(object, keys.items[i]));
}

/* The parser bounds the depth (2048), so that this recursion is bounded too. */
static bool is_canonical(const json_t *value) {
    const char *key;
    json_t *member;
    size_t index;
    switch (json_typeof(value)) {
    case JSON_REAL:
        return false;
    case JSON_OBJECT:
        json_object_foreach((json_t *)(uintptr_t)value, key, member) {
            if (!is_canonical(member))
                return false;
        }
        return true;
    case JSON_ARRAY:
        json_array_foreach(value, index, member) {
            if (!is_canonical(member))
                return false;
        }
        return true;
    default:
        return true;
    }
}

/* Each value takes some fifty bytes, and two of the document: counted before they are made. */
static size_t count_values(const char *bytes, size_t length) {
    bool quoted = false;
    size_t count = 1;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '"')
            quoted = !quoted;
        else if (quoted && bytes[i] == '\\')
            i++;
        else if (!quoted)
            count += bytes[i] == ',' || bytes[i] == '[' || bytes[i] == '{';
    }
    return count;
}

bool json_parse(const void *bytes, size_t length, const char *what, struct json **out,
                struct error *err) {
    if (length > JSON_DOCUMENT_CEILING_BYTES)
        return error_set(err, ERROR_LIMIT, "%s is larger than %zu bytes", what,
                         JSON_DOCUMENT_CEILING_BYTES);
    if (count_values(bytes, length) > JSON_VALUE_CEILING_COUNT)
        return error_set(err, ERROR_LIMIT, "%s holds more than %zu values", what,
                         JSON_VALUE_CEILING_COUNT);
    json_error_t fault;
    json_t *value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &fault);
    if (!value)
        return error_set(err, ERROR_FORMAT, "%s is not valid JSON: line %d, column %d: %s", what,
                         fault.line, fault.column, fault.text);
    if (!is_canonical(value)) {
        json_decref(value);
        return error_set(err, ERROR_FORMAT,
                         "%s holds a real number, which ecmig's documents do not use", what);
    }
    *out = (struct json *)value;
    return true;
}

char *json_write(const struct json *value, enum json_style style) {
    size_t form = style == JSON_CANONICAL ? JSON_COMPACT : JSON_INDENT(2);
    char *string = json_dumps(raw(value), JSON_SORT_KEYS | JSON_ENCODE_ANY | form);
    if (!string)
        abort();
    return string;
}

void json_digest(const struct json *value, char out[DIGEST_HEX_BYTES]) {
    AUTO(string_free) char *canonical = json_write(value, JSON_CANONICAL);
    digest_sha256_hex(canonical, strlen(canonical), out);
}
