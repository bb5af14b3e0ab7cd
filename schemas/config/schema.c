/* The rows as draft-07 JSON Schema, for editors. */
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "schemas/base/units.h"
#include "schemas/config/config.h"
#include "schemas/config/fields.h"

static struct json *of_type(const char *type) {
    struct json *schema = json_new_object();
    json_put_string(schema, "type", type);
    return schema;
}

/* Where a number may stand without quotes because every reader takes it for the same. */
static struct json *text_or_number(void) {
    struct json *schema = json_new_object(), *types = json_new_array();
    json_append(types, json_new_string("string"));
    json_append(types, json_new_string("integer"));
    json_put(schema, "type", types);
    return schema;
}

static void put_names(struct json *schema, const char *const *names) {
    struct json *array = json_new_array();
    for (; *names; names++)
        json_append(array, json_new_string(*names));
    json_put(schema, "enum", array);
}

/* The row's maximum is bytes and the schema's would be characters: too long is the loader's to say.
 */
static struct json *text_schema(const struct field *field) {
    struct json *schema = of_type("string");
    if (field->choices)
        put_names(schema, field->choices);
    else
        json_put_int(schema, "minLength", 1);
    json_put_string(schema, "pattern", field->pattern);
    return schema;
}

static struct json *units_schema(const struct field *field) {
    bool duration = field->kind == FIELD_DURATION;
    struct json *schema = duration ? of_type("string") : text_or_number();
    json_put_string(schema, "pattern", duration ? "^[0-9]+(ms|s|m|h)$" : "^[0-9]+(KiB|MiB|GiB)?$");
    return schema;
}

static struct json *list_schema(const struct field *field) {
    struct json *schema = of_type("array");
    struct json *items = field->kind == FIELD_ARGUMENTS ? text_or_number() : text_schema(field);
    if (field->kind == FIELD_ADDRESSES)
        json_put_string(items, "pattern", "^([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$");
    else if (field->kind == FIELD_STRINGS)
        json_put_bool(schema, "uniqueItems", true);
    json_put(schema, "items", items);
    json_put_int(schema, "minItems", field->minimum);
    json_put_int(schema, "maxItems", field->maximum);
    return schema;
}

static struct json *pairs_schema(const struct field *field) {
    struct json *schema = of_type("object"), *names = json_new_object();
    json_put_string(names, "pattern", field->pattern);
    json_put(schema, "propertyNames", names);
    json_put(schema, "additionalProperties", text_or_number());
    json_put_int(schema, "maxProperties", field->maximum);
    return schema;
}

static struct json *mapping_schema(const struct field_table *table, const char *prefix);

static struct json *kind_schema(const struct field_table *table, const struct field *field) {
    struct json *schema;
    switch (field->kind) {
    case FIELD_SECTION: {
        AUTO(string_free) char *below = xasprintf("%s.", field->path);
        return mapping_schema(table, below);
    }
    case FIELD_DATE:
        schema = of_type("string");
        json_put_string(schema, "pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
        return schema;
    case FIELD_CHOICE:
    case FIELD_STRING:
        return text_schema(field);
    case FIELD_DURATION:
    case FIELD_BYTES:
        return units_schema(field);
    case FIELD_INTEGER:
        schema = of_type("integer");
        json_put_int(schema, "minimum", field->minimum);
        json_put_int(schema, "maximum", field->maximum);
        return schema;
    case FIELD_BOOL:
    case FIELD_TRI:
        return of_type("boolean");
    case FIELD_STRINGS:
    case FIELD_ADDRESSES:
    case FIELD_ARGUMENTS:
        return list_schema(field);
    case FIELD_PAIRS:
        return pairs_schema(field);
    case FIELD_GROUP:
        return mapping_schema(field->table, "");
    case FIELD_GROUPS:
        schema = of_type("array");
        json_put(schema, "items", mapping_schema(field->table, ""));
        json_put_int(schema, "maxItems", field->maximum);
        return schema;
    case FIELD_KINDS:
        break;
    }
    return json_new_object();
}

/* A default in the unit that people write it in. */
static char *written(int64_t value, bool duration) {
    static const struct {
        const char *name;
        int64_t factor;
    } units[] = { { "h", 3600000 },      { "m", 60000 },     { "s", 1000 },   { "ms", 1 },
                  { "GiB", 1073741824 }, { "MiB", 1048576 }, { "KiB", 1024 }, { "", 1 } };
    size_t at = duration ? 0 : 4;
    while (units[at].factor != 1 && value % units[at].factor != 0)
        at++;
    return xasprintf("%lld%s", (long long)(value / units[at].factor), units[at].name);
}

static struct json *default_value(const struct field *field) {
    switch (field->kind) {
    case FIELD_STRING:
        return field->fallback_text ? json_new_string(field->fallback_text) : NULL;
    case FIELD_CHOICE:
        return json_new_string(field->choices[field->fallback]);
    case FIELD_BOOL:
        return json_new_bool(field->fallback != 0);
    case FIELD_INTEGER:
        /* Below the least value it stands for "not given". */
        return field->fallback < field->minimum ? NULL : json_new_int(field->fallback);
    case FIELD_DURATION:
    case FIELD_BYTES: {
        AUTO(string_free) char *text = written(field->fallback, field->kind == FIELD_DURATION);
        return json_new_string(text);
    }
    default:
        return NULL;
    }
}

static void describe(const struct field *field, struct json *schema) {
    AUTO(text_clear) struct text text = { 0 };
    text_add(&text, field->help);
    if (field->kind == FIELD_DURATION || field->kind == FIELD_BYTES) {
        char *(*show)(int64_t) = field->kind == FIELD_BYTES ? units_bytes : units_duration;
        AUTO(string_free) char *least = show(field->minimum);
        AUTO(string_free) char *most = show(field->maximum);
        text_addf(&text, "; %s to %s", least, most);
    }
    if (field->flags & FIELD_REFUSED)
        text_add(&text, " (not supported yet)");
    for (size_t i = 0, said = 0; field->refused_choices >> i; i++)
        if (field->refused_choices & 1U << i)
            text_addf(&text, "%s%s", said++ ? ", " : " (not supported yet: ", field->choices[i]);
    if (field->refused_choices)
        text_add_char(&text, ')');
    json_put_string(schema, "description", text_string(&text));
    if (!(field->flags & FIELD_REQUIRED))
        json_put(schema, "default", default_value(field));
}

static struct json *mapping_schema(const struct field_table *table, const char *prefix) {
    struct json *schema = of_type("object");
    struct json *properties = json_new_object(), *required = json_new_array();
    struct json *one_of = json_new_array();
    size_t alternatives = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->rows[i];
        const char *key = field_key(field, prefix);
        if (!key)
            continue;
        struct json *property = kind_schema(table, field);
        describe(field, property);
        json_put(properties, key, property);
        if (field->flags & FIELD_REQUIRED)
            json_append(required, json_new_string(key));
        if (field->flags & FIELD_ONE_OF) {
            struct json *alternative = json_new_object(), *its_key = json_new_array();
            json_append(its_key, json_new_string(key));
            json_put(alternative, "required", its_key);
            json_append(one_of, alternative);
            alternatives++;
        }
    }
    if (alternatives)
        json_put(schema, "oneOf", one_of);
    else
        json_free(one_of);
    json_put(schema, "properties", properties);
    json_put(schema, "required", required);
    json_put_bool(schema, "additionalProperties", false);
    if (table->one_key) {
        json_put_int(schema, "minProperties", 1);
        json_put_int(schema, "maxProperties", 1);
    }
    return schema;
}

struct json *fields_schema(const struct field_table *table, const char *title) {
    struct json *schema = mapping_schema(table, "");
    json_put_string(schema, "$schema", "http://json-schema.org/draft-07/schema#");
    json_put_string(schema, "title", title);
    return schema;
}

struct json *config_schema(void) {
    return fields_schema(&config_fields, "ecmig migration file");
}
