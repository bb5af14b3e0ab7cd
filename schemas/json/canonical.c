#include "schemas/json/canonical.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"

#define KEYS_ON_STACK 32

struct member {
    const char *key;
    json_t *value;
};

static void add_escape(unsigned char character, struct text *out) {
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (size_t i = 0; i + 1 < sizeof letters; i += 2)
        if ((unsigned char)letters[i] == character) {
            text_add_char(out, '\\');
            text_add_char(out, letters[i + 1]);
            return;
        }
    text_addf(out, "\\u%04X", character);
}

static void add_string(const char *bytes, size_t length, struct text *out) {
    size_t from = 0;
    text_add_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char character = (unsigned char)bytes[i];
        if (character >= 0x20 && character != '"' && character != '\\')
            continue;
        text_add_bytes(out, bytes + from, i - from);
        add_escape(character, out);
        from = i + 1;
    }
    text_add_bytes(out, bytes + from, length - from);
    text_add_char(out, '"');
}

static int by_key(const void *left, const void *right) {
    return strcmp(((const struct member *)left)->key, ((const struct member *)right)->key);
}

static void add_value(json_t *value, struct text *out);

static void add_object(json_t *object, struct text *out) {
    struct member few[KEYS_ON_STACK], *members = few;
    size_t count = json_object_size(object), at = 0;
    if (count > COUNT(few))
        members = xcalloc(count, sizeof *members);
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) members[at++] = (struct member){ key, value };
    if (count)
        qsort(members, count, sizeof *members, by_key);
    text_add_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i)
            text_add_char(out, ',');
        add_string(members[i].key, strlen(members[i].key), out);
        text_add_char(out, ':');
        add_value(members[i].value, out);
    }
    text_add_char(out, '}');
    if (members != few)
        free(members);
}

static void add_array(const json_t *array, struct text *out) {
    text_add_char(out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i)
            text_add_char(out, ',');
        add_value(json_array_get(array, i), out);
    }
    text_add_char(out, ']');
}

static void add_value(json_t *value, struct text *out) {
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        add_object(value, out);
        break;
    case JSON_ARRAY:
        add_array(value, out);
        break;
    case JSON_STRING:
        add_string(json_string_value(value), json_string_length(value), out);
        break;
    case JSON_INTEGER:
        text_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_TRUE:
        text_add(out, "true");
        break;
    case JSON_FALSE:
        text_add(out, "false");
        break;
    case JSON_NULL:
        text_add(out, "null");
        break;
    case JSON_REAL:
        abort(); /* there are none in either direction */
    }
}

void canonical_add(const struct json *value, struct text *out) {
    add_value((json_t *)(uintptr_t)value, out);
}
