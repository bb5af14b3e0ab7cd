#include "schemas/json/shape.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/strings.h"

struct list {
    char *items;
    size_t count;
};

static bool is_zero(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (bytes[i])
            return false;
    return true;
}

static struct json *write_field(const struct shape_field *field, const char *at, unsigned except) {
    switch (field->type) {
    case SHAPE_STRING: {
        const char *string = *(char *const *)(const void *)at;
        return string ? json_new_string(string) : NULL;
    }
    case SHAPE_INT: {
        int64_t number = *(const int64_t *)(const void *)at;
        bool unset = field->flags & SHAPE_OPTIONAL && number == SHAPE_UNSET;
        return unset ? NULL : json_new_int(number);
    }
    case SHAPE_TRI: {
        int tri = *(const int *)(const void *)at;
        return tri == TRI_UNSET ? NULL : json_new_bool(tri == TRI_YES);
    }
    case SHAPE_BOOL:
        return json_new_bool(*(const bool *)(const void *)at);
    case SHAPE_STRINGS: {
        const struct strings *strings = (const void *)at;
        struct json *array = json_new_array();
        for (size_t i = 0; i < strings->count; i++)
            json_append(array, json_new_string(strings->items[i]));
        return array;
    }
    case SHAPE_STRUCT:
        return field->flags & SHAPE_OPTIONAL && is_zero(at, field->shape->size)
                   ? NULL
                   : shape_write_except(field->shape, at, except);
    case SHAPE_LIST: {
        const struct list *list = (const void *)at;
        if (field->flags & SHAPE_OPTIONAL && !list->count)
            return NULL;
        struct json *array = json_new_array();
        for (size_t i = 0; i < list->count; i++)
            json_append(array, shape_write_except(field->shape,
                                                  list->items + i * field->shape->size, except));
        return array;
    }
    case SHAPE_JSON: {
        const struct json *value = *(struct json *const *)(const void *)at;
        return value ? json_share(value) : NULL;
    }
    case SHAPE_CHOICE:
        return json_new_string(field->choices[*(const int *)(const void *)at]);
    }
    return NULL;
}

struct json *shape_write_except(const struct shape *shape, const void *object, unsigned flags) {
    struct json *value = json_new_object();
    for (size_t i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        if (!(field->flags & flags))
            json_put(value, field->name,
                     write_field(field, (const char *)object + field->offset, flags));
    }
    return value;
}

struct json *shape_write(const struct shape *shape, const void *object) {
    return shape_write_except(shape, object, 0);
}

static bool wrong_kind(const struct shape *shape, const struct shape_field *field,
                       const char *wanted, struct error *err) {
    return error_set(err, ERROR_FORMAT, "%s: '%s' is not %s", shape->name, field->name, wanted);
}

static bool read_strings(const struct json *value, struct strings *out) {
    if (json_kind_of(value) != JSON_KIND_ARRAY)
        return false;
    for (size_t i = 0; i < json_count(value); i++) {
        const char *string = json_string_of(json_at(value, i));
        if (!string)
            return false;
        strings_add(out, string);
    }
    return true;
}

static bool read_list(const struct shape_field *field, const struct json *value, struct list *out,
                      struct error *err) {
    size_t size = field->shape->size;
    for (size_t i = 0; i < json_count(value); i++) {
        out->items = list_grow(out->items, out->count, size);
        if (!shape_read(field->shape, json_at(value, i), out->items + out->count * size, err))
            return error_wrap(err, "%s[%zu]", field->name, i);
        out->count++;
    }
    return true;
}

static bool read_choice(const struct shape_field *field, const char *name, int *out) {
    for (int i = 0; name && field->choices[i]; i++) {
        if (strcmp(field->choices[i], name) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool read_field(const struct shape *shape, const struct shape_field *field,
                       const struct json *value, char *at, struct error *err) {
    switch (field->type) {
    case SHAPE_STRING:
        if (!json_string_of(value))
            return wrong_kind(shape, field, "a string", err);
        string_replace((void *)at, json_string_of(value));
        return true;
    case SHAPE_INT:
        if (json_kind_of(value) != JSON_KIND_INT)
            return wrong_kind(shape, field, "an integer", err);
        if (json_int_of(value, SHAPE_UNSET) == SHAPE_UNSET)
            return wrong_kind(shape, field, "an integer within 2^53", err);
        *(int64_t *)(void *)at = json_int_of(value, 0);
        return true;
    case SHAPE_BOOL:
        if (json_kind_of(value) != JSON_KIND_BOOL)
            return wrong_kind(shape, field, "true or false", err);
        *(bool *)(void *)at = json_bool_of(value, false);
        return true;
    case SHAPE_TRI:
        if (json_kind_of(value) != JSON_KIND_BOOL)
            return wrong_kind(shape, field, "true or false", err);
        *(int *)(void *)at = json_bool_of(value, false) ? TRI_YES : TRI_NO;
        return true;
    case SHAPE_STRINGS:
        return read_strings(value, (void *)at) ||
               wrong_kind(shape, field, "a list of strings", err);
    case SHAPE_STRUCT:
        return shape_read(field->shape, value, at, err) || error_wrap(err, "%s", field->name);
    case SHAPE_LIST:
        if (json_kind_of(value) != JSON_KIND_ARRAY)
            return wrong_kind(shape, field, "a list", err);
        return read_list(field, value, (void *)at, err);
    case SHAPE_JSON:
        *(struct json **)(void *)at = json_share(value);
        return true;
    case SHAPE_CHOICE:
        return read_choice(field, json_string_of(value), (void *)at) ||
               wrong_kind(shape, field, "one of its names", err);
    }
    return false;
}

bool shape_read(const struct shape *shape, const struct json *value, void *object,
                struct error *err) {
    if (json_kind_of(value) != JSON_KIND_OBJECT)
        return error_set(err, ERROR_FORMAT, "%s is not an object", shape->name);
    for (size_t i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        const struct json *member = json_find(value, field->name);
        if (field->type == SHAPE_INT && field->flags & SHAPE_OPTIONAL)
            *(int64_t *)(void *)((char *)object + field->offset) = SHAPE_UNSET;
        bool fine =
            member ? read_field(shape, field, member, (char *)object + field->offset, err)
                   : !(field->flags & SHAPE_REQUIRED) ||
                         error_set(err, ERROR_FORMAT, "%s lacks '%s'", shape->name, field->name);
        if (!fine) {
            shape_clear(shape, object);
            return false;
        }
    }
    return true;
}

void shape_clear(const struct shape *shape, void *object) {
    for (size_t i = 0; i < shape->field_count; i++) {
        const struct shape_field *field = &shape->fields[i];
        char *at = (char *)object + field->offset;
        struct list *list = (void *)at;
        switch (field->type) {
        case SHAPE_STRING:
            free(*(char **)(void *)at);
            break;
        case SHAPE_STRINGS:
            strings_clear((void *)at);
            break;
        case SHAPE_STRUCT:
            shape_clear(field->shape, at);
            break;
        case SHAPE_LIST:
            for (size_t k = 0; k < list->count; k++)
                shape_clear(field->shape, list->items + k * field->shape->size);
            free(list->items);
            break;
        case SHAPE_JSON:
            json_free(*(struct json **)(void *)at);
            break;
        case SHAPE_INT:
        case SHAPE_BOOL:
        case SHAPE_TRI:
        case SHAPE_CHOICE:
            break;
        }
    }
    memset(object, 0, shape->size);
}

static struct json *of_type(const char *type) {
    struct json *schema = json_new_object();
    json_put_string(schema, "type", type);
    return schema;
}

static struct json *field_schema(const struct shape_field *field) {
    struct json *schema;
    switch (field->type) {
    case SHAPE_STRING:
        return of_type("string");
    case SHAPE_INT:
        return of_type("integer");
    case SHAPE_BOOL:
    case SHAPE_TRI:
        return of_type("boolean");
    case SHAPE_STRINGS:
        schema = of_type("array");
        json_put(schema, "items", of_type("string"));
        return schema;
    case SHAPE_STRUCT:
        return shape_schema(field->shape, NULL);
    case SHAPE_LIST:
        schema = of_type("array");
        json_put(schema, "items", shape_schema(field->shape, NULL));
        return schema;
    case SHAPE_CHOICE: {
        struct json *names = json_new_array();
        for (const char *const *name = field->choices; *name; name++)
            json_append(names, json_new_string(*name));
        schema = json_new_object();
        json_put(schema, "enum", names);
        return schema;
    }
    case SHAPE_JSON:
        break;
    }
    return json_new_object();
}

struct json *shape_schema(const struct shape *shape, const char *title) {
    struct json *schema = of_type("object"), *properties = json_new_object();
    struct json *required = json_new_array();
    for (size_t i = 0; i < shape->field_count; i++) {
        json_put(properties, shape->fields[i].name, field_schema(&shape->fields[i]));
        if (shape->fields[i].flags & SHAPE_REQUIRED)
            json_append(required, json_new_string(shape->fields[i].name));
    }
    if (title) {
        json_put_string(schema, "$schema", "http://json-schema.org/draft-07/schema#");
        json_put_string(schema, "title", title);
    }
    json_put(schema, "properties", properties);
    json_put(schema, "required", required);
    return schema;
}
