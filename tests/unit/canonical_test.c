#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "schemas/json/json.h"

static void expect(const char *document, const char *wanted) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *value = NULL;
    if (!json_parse(document, strlen(document), "document", &value, &err))
        fail_msg("%s", err.message);
    AUTO(string_free) char *written = json_write(value, JSON_CANONICAL);
    assert_string_equal(written, wanted);
}

static void keys_are_sorted_by_bytes_and_nothing_is_in_between(void **state) {
    (void)state;
    expect(" { \"b\" : [ 1 , -2, [ ], { } ] , \"a\" : true, \"B\": null , \"aa\": false }",
           "{\"B\":null,\"a\":true,\"aa\":false,\"b\":[1,-2,[],{}]}");
    expect("{\"\xC3\xA4\": \"\xE2\x82\xAC\", \"z\": 9223372036854775807}",
           "{\"z\":9223372036854775807,\"\xC3\xA4\":\"\xE2\x82\xAC\"}");
}

static void strings_are_escaped_in_one_way_only(void **state) {
    (void)state;
    expect("[\"\\u0001\\u001f\\b\\f\\n\\r\\t\\\"\\\\\\/\\u007f\\u00e4\"]",
           "[\"\\u0001\\u001F\\b\\f\\n\\r\\t\\\"\\\\/\x7F\xC3\xA4\"]");
    expect("{\"a\\nb\": \"\"}", "{\"a\\nb\":\"\"}");
}

static void objects_of_many_members_are_sorted_too(void **state) {
    (void)state;
    AUTO(text_clear) struct text document = { 0 }, wanted = { 0 };
    for (int i = 0; i < 1000; i++) {
        text_addf(&document, "%s\"k%03d\": %d", i ? ", " : "{", 999 - i, 999 - i);
        text_addf(&wanted, "%s\"k%03d\":%d", i ? "," : "{", i, i);
    }
    text_add_char(&document, '}');
    text_add_char(&wanted, '}');
    expect(document.bytes, wanted.bytes);
}

/* The pretty form is the library's: but for white space, both say the same. */
static void both_forms_say_the_same(void **state) {
    (void)state;
    AUTO(json_free) struct json *object = json_new_object();
    for (int i = 1; i < 256; i++) {
        const char bytes[] = { (char)i, 'x', (char)(i ^ 0x55), '\0' };
        AUTO(string_free) char *key = xasprintf("k%d", i * 7919 % 256);
        json_put_string(object, key, bytes);
        json_put_int(object, bytes[1] == 'x' ? "number" : "other", i);
    }
    AUTO(string_free) char *canonical = json_write(object, JSON_CANONICAL);
    AUTO(string_free) char *pretty = json_write(object, JSON_PRETTY);
    AUTO(text_clear) struct text squeezed = { 0 };
    for (const char *at = pretty; *at; at++) {
        if (*at == '\n') {
            at += strspn(at, "\n ");
            at--;
            continue;
        }
        text_add_char(&squeezed, *at);
        if (strncmp(at, "\": ", 3) == 0) {
            text_add_char(&squeezed, ':');
            at += 2;
        }
    }
    assert_string_equal(canonical, squeezed.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_sorted_by_bytes_and_nothing_is_in_between),
        cmocka_unit_test(strings_are_escaped_in_one_way_only),
        cmocka_unit_test(objects_of_many_members_are_sorted_too),
        cmocka_unit_test(both_forms_say_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
