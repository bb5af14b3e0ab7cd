#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schemas/base/memory.h"
#include "schemas/base/slots.h"

static void ranges_and_single_slots_become_the_shortest_text(void **state) {
    (void)state;
    static const struct {
        const char *given, *text;
        int count;
    } cases[] = {
        { "", "", 0 },
        { "0-16383", "0-16383", 16384 },
        { "0-5460,9000, 16000-16383", "0-5460,9000,16000-16383", 5461 + 1 + 384 },
        { "5 3 4", "3-5", 3 },
        { "7-7,7", "7", 1 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(error_clear) struct error err = { 0 };
        struct slots slots;
        assert_true(slots_parse(cases[i].given, strlen(cases[i].given), &slots, &err));
        AUTO(string_free) char *text = slots_text(&slots);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(slots_count(&slots), cases[i].count);
    }
}

static void what_is_no_slot_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = { "16384", "5-3", "-1",          "1-",  "a",
                                         "1-2-3", "1;2", "99999999999", "0x10" };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        AUTO(error_clear) struct error err = { 0 };
        struct slots slots = { { 42 } };
        assert_false(slots_parse(wrong[i], strlen(wrong[i]), &slots, &err));
        assert_int_equal(err.code, ERROR_FORMAT);
        assert_int_equal(slots.bits[0], 42);
    }
}

static void sets_are_compared_and_joined(void **state) {
    (void)state;
    struct slots low = { { 0 } }, high = { { 0 } }, none = { { 0 } };
    slots_add(&low, 0, 8191);
    slots_add(&high, 8192, 16383);
    assert_false(slots_overlap(&low, &high));
    assert_int_equal(slots_first(&high), 8192);
    assert_int_equal(slots_first(&none), -1);
    slots_add_all(&low, &high);
    assert_int_equal(slots_count(&low), SLOT_COUNT);
    assert_true(slots_overlap(&low, &high));
    assert_false(slots_equal(&low, &high));
}

/* As CLUSTER KEYSLOT of a server answers. */
static void a_key_has_the_slot_that_servers_give_it(void **state) {
    (void)state;
    static const struct {
        const char *key;
        int slot;
    } cases[] = {
        { "foo", 12182 }, { "{foo}bar", 12182 },   { "123456789", 12739 }, { "x{}foo", 11714 },
        { "", 0 },        { "a{foo}{bar}", 12182 }
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(slot_of_key(cases[i].key, strlen(cases[i].key)), cases[i].slot);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_and_single_slots_become_the_shortest_text),
        cmocka_unit_test(what_is_no_slot_is_refused),
        cmocka_unit_test(sets_are_compared_and_joined),
        cmocka_unit_test(a_key_has_the_slot_that_servers_give_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
