#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "providers/redis/info.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

static void fields_are_found_whatever_is_around_them(void **state) {
    (void)state;
    const char *reply = "# Server\r\nredis_version:7.0.15\r\n\r\nno colon\r\n:empty\r\n"
                        "run_id:\r\ndb0:keys=12,expires=3,avg_ttl=0\r\nlast:-5";
    AUTO(info_clear) struct info info = { 0 };
    info_parse(reply, strlen(reply), &info);
    assert_int_equal(info.count, 4);
    assert_string_equal(info_find(&info, "redis_version"), "7.0.15");
    assert_string_equal(info_find(&info, "run_id"), "");
    assert_null(info_find(&info, "role"));
    assert_int_equal(info_int(&info, "last", 0), -5);
    assert_int_equal(info_int(&info, "redis_version", -1), -1);
    assert_int_equal(info_int(&info, "run_id", -1), -1);
    assert_int_equal(info_int(&info, "role", -1), -1);
}

static void parts_of_a_value_are_found_by_whole_names(void **state) {
    (void)state;
    const char *value = "ip=10.0.0.1,port=6379,state=online,offset=99,lag=";
    assert_int_equal(info_part_int(value, "offset", -1), 99);
    assert_int_equal(info_part_int(value, "set", -1), -1);
    assert_int_equal(info_part_int(value, "lag", -1), -1);
    AUTO(string_free) char *state_part = info_part(value, "state");
    assert_string_equal(state_part, "online");
    assert_null(info_part(NULL, "state"));
    assert_null(info_part("", "state"));
}

static void an_endless_reply_is_bounded(void **state) {
    (void)state;
    AUTO(text_clear) struct text text = { 0 };
    for (int i = 0; i < 100100; i++)
        text_addf(&text, "f%d:1\n", i);
    AUTO(info_clear) struct info info = { 0 };
    info_parse(text.bytes, text.length, &info);
    assert_int_equal(info.count, 100000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found_whatever_is_around_them),
        cmocka_unit_test(parts_of_a_value_are_found_by_whole_names),
        cmocka_unit_test(an_endless_reply_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
