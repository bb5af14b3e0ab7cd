/* The published JSON Schema and the loader say the same of the corpus. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>
#include <regex.h>

#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/config/config.h"
#include "schemas/config/tree.h"

static struct json *null_value(void) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *list = NULL;
    assert_true(json_parse("[null]", 6, "null", &list, &err));
    return json_share(json_at(list, 0));
}

/* As a reader of YAML 1.2 sees it. */
static struct json *to_json(const struct node *node) {
    if (node->kind == NODE_SCALAR) {
        const char *named;
        enum plain_meaning meaning = node->plain ? plain_meaning(node->text, &named) : PLAIN_STRING;
        if (meaning == PLAIN_NULL)
            return null_value();
        if (meaning == PLAIN_INTEGER)
            return json_new_int(strtoll(node->text, NULL, 10));
        return meaning == PLAIN_TRUTH ? json_new_bool(*node->text == 't')
                                      : json_new_string(node->text);
    }
    struct json *value = node->kind == NODE_MAPPING ? json_new_object() : json_new_array();
    for (size_t i = 0; i < node->count; i += node->kind == NODE_MAPPING ? 2 : 1) {
        if (node->kind == NODE_MAPPING)
            json_put(value, node->items[i]->text, to_json(node->items[i + 1]));
        else
            json_append(value, to_json(node->items[i]));
    }
    return value;
}

static bool is_type(const struct json *value, const char *type) {
    static const char *const names[] = {
        [JSON_KIND_OBJECT] = "object", [JSON_KIND_ARRAY] = "array",  [JSON_KIND_STRING] = "string",
        [JSON_KIND_INT] = "integer",   [JSON_KIND_BOOL] = "boolean", [JSON_KIND_NULL] = "null",
    };
    return type && strcmp(names[json_kind_of(value)], type) == 0;
}

static bool has_type(const struct json *value, const struct json *type) {
    bool fits = !type || is_type(value, json_string_of(type));
    for (size_t i = 0;
         type && !fits && json_kind_of(type) == JSON_KIND_ARRAY && i < json_count(type); i++)
        fits = is_type(value, json_string_of(json_at(type, i)));
    return fits;
}

static bool matches(const char *pattern, const char *text) {
    regex_t compiled;
    assert_int_equal(regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB), 0);
    bool match = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return match;
}

/* Violations of the part of draft-07 that the schema uses. */
static size_t violations(const struct json *schema, const struct json *value);

static size_t of_text(const struct json *schema, const char *text) {
    const char *pattern = json_find_string(schema, "pattern");
    const struct json *names = json_find(schema, "enum");
    bool known = !names;
    for (size_t i = 0; i < json_count(names); i++)
        known = known || strcmp(json_string_of(json_at(names, i)), text) == 0;
    return !known || (pattern && !matches(pattern, text)) ||
           (int64_t)strlen(text) < json_find_int(schema, "minLength", 0);
}

struct member {
    const struct json *schema;
    size_t count;
};

static void of_member(void *context, const char *key, const struct json *value) {
    struct member *member = context;
    const struct json *property = json_find(json_find(member->schema, "properties"), key);
    const struct json *other = json_find(member->schema, "additionalProperties");
    const struct json *names = json_find(member->schema, "propertyNames");
    if (names && of_text(names, key))
        member->count++;
    else if (property || json_kind_of(other) == JSON_KIND_OBJECT)
        member->count += violations(property ? property : other, value);
    else
        member->count++;
}

static size_t of_object(const struct json *schema, const struct json *value) {
    struct member member = { schema, 0 };
    int64_t count = (int64_t)json_count(value);
    const struct json *required = json_find(schema, "required");
    for (size_t i = 0; i < json_count(required); i++)
        member.count += !json_find(value, json_string_of(json_at(required, i)));
    member.count += count < json_find_int(schema, "minProperties", 0) ||
                    count > json_find_int(schema, "maxProperties", INT64_MAX);
    /* Alternatives of an object: each is a list of keys, and exactly one list is there. */
    const struct json *one_of = json_find(schema, "oneOf");
    size_t met = 0;
    for (size_t i = 0; i < json_count(one_of); i++) {
        const struct json *keys = json_find(json_at(one_of, i), "required");
        size_t there = 0;
        for (size_t k = 0; k < json_count(keys); k++)
            there += json_find(value, json_string_of(json_at(keys, k))) != NULL;
        met += there == json_count(keys);
    }
    member.count += one_of && met != 1;
    json_each(value, of_member, &member);
    return member.count;
}

static size_t of_array(const struct json *schema, const struct json *value) {
    size_t count = 0;
    for (size_t i = 0; i < json_count(value); i++)
        count += violations(json_find(schema, "items"), json_at(value, i));
    int64_t items = (int64_t)json_count(value);
    return count + (items < json_find_int(schema, "minItems", 0) ||
                    items > json_find_int(schema, "maxItems", INT64_MAX));
}

static size_t violations(const struct json *schema, const struct json *value) {
    if (!has_type(value, json_find(schema, "type")))
        return 1;
    switch (json_kind_of(value)) {
    case JSON_KIND_OBJECT:
        return of_object(schema, value);
    case JSON_KIND_ARRAY:
        return of_array(schema, value);
    case JSON_KIND_STRING:
        return of_text(schema, json_string_of(value));
    case JSON_KIND_INT:
        return json_int_of(value, 0) < json_find_int(schema, "minimum", INT64_MIN) ||
               json_int_of(value, 0) > json_find_int(schema, "maximum", INT64_MAX);
    case JSON_KIND_BOOL:
    case JSON_KIND_NULL:
        break;
    }
    return 0;
}

static size_t violations_of(const char *path) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(text_clear) struct text text = { 0 };
    AUTO(findings_clear) struct findings findings = { 0 };
    AUTO(tree_clear) struct tree tree = { 0 };
    struct faults faults = { .list = &findings, .subject = path };
    assert_true(file_read(path, CONFIG_FILE_CEILING_BYTES, &text, &err));
    assert_true(tree_parse(text_string(&text), text.length, &faults, &tree));
    AUTO(json_free) struct json *schema = config_schema();
    AUTO(json_free) struct json *value = to_json(tree.root);
    return violations(schema, value);
}

/* What the loader finds wrong with a value by itself: what is only not supported yet, and rules
 * across keys, are not the schema's. */
static size_t faults_of(const char *path) {
    AUTO(config_clear) struct config config = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    size_t count = 0;
    if (config_load(path, &config, &faults, &err))
        return 0;
    for (size_t i = 0; i < faults.count; i++)
        count += !strstr(faults.items[i].summary, "not supported yet") &&
                 !strstr(faults.items[i].summary, " is for ");
    return count;
}

static void corpus_agrees(const char *pattern) {
    glob_t found = { 0 };
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        size_t schema = violations_of(path), loader = faults_of(path);
        if (schema != loader)
            fail_msg("%s: the schema finds %zu, the loader %zu", path, schema, loader);
    }
    globfree(&found);
}

static void what_loads_fits_the_schema(void **state) {
    (void)state;
    corpus_agrees(TEST_SOURCE_FOLDER "/corpus/config/good/*.yaml");
    corpus_agrees(TEST_SOURCE_FOLDER "/../examples/*/migration.yaml");
}

static void a_wrong_value_fits_neither(void **state) {
    (void)state;
    corpus_agrees(TEST_SOURCE_FOLDER "/corpus/config/bad_shape/*.yaml");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_loads_fits_the_schema),
        cmocka_unit_test(a_wrong_value_fits_neither),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
