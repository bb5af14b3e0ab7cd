#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/redis/redis.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "tests/support/decode.h"

static void addresses_are_split_or_refused(void **state) {
    (void)state;
    char host[256];
    uint16_t port = 0;
    assert_true(redis_address_parse("10.0.0.5:6379", host, &port));
    assert_string_equal(host, "10.0.0.5");
    assert_int_equal(port, 6379);
    assert_true(redis_address_parse("[fe80::1]:7000", host, &port));
    assert_string_equal(host, "fe80::1");
    static const char *const bad[] = { "",      "h",        "h:",       ":1",     "h:0",  "h:65536",
                                       "::1:5", "[::1]",    "[]:5",     "[::1:5", "h:6x", "h h:5",
                                       "h:+5",  "h:000006", "h:123456", "[a]b:5", "a]:5" };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(redis_address_parse(bad[i], host, &port));
}

static struct redis_reply *decode(const char *bytes, size_t length, enum error_code code) {
    AUTO(error_clear) struct error err = { 0 };
    struct redis_reply *reply = NULL;
    assert_int_equal(redis_decode(bytes, length, &reply, &err), code == ERROR_NONE);
    assert_int_equal(err.code, code);
    return reply;
}

static void replies_of_every_type_are_read(void **state) {
    (void)state;
    static const char bytes[] =
        "*6\r\n$3\r\na\0b\r\n:-7\r\n+OK\r\n-ERR no\r\n$-1\r\n*2\r\n*0\r\n*-1\r\n";
    AUTO(redis_reply_free) struct redis_reply *reply = decode(bytes, sizeof bytes - 1, ERROR_NONE);
    assert_int_equal(reply->count, 6);
    assert_int_equal(reply->elements[0]->length, 3);
    assert_memory_equal(reply->elements[0]->bytes, "a\0b", 4);
    assert_int_equal(reply->elements[1]->integer, -7);
    assert_string_equal(redis_text(reply->elements[2]), "OK");
    assert_int_equal(reply->elements[3]->type, REDIS_FAULT);
    assert_int_equal(reply->elements[4]->type, REDIS_NIL);
    assert_int_equal(reply->elements[5]->elements[0]->type, REDIS_ARRAY);
    assert_int_equal(reply->elements[5]->elements[1]->type, REDIS_NIL);
}

static void a_reply_that_ends_early_is_no_reply(void **state) {
    (void)state;
    static const char bytes[] = "*2\r\n$3\r\nabc\r\n:12\r\n";
    for (size_t length = 0; length < sizeof bytes - 1; length++)
        assert_null(decode(bytes, length, ERROR_NONE));
}

static void an_announced_count_allocates_nothing(void **state) {
    (void)state;
    static const char bytes[] = "*2147483647\r\n*2147483647\r\n:1\r\n";
    assert_null(decode(bytes, sizeof bytes - 1, ERROR_NONE));
}

/* Fed in pieces, as a connection is: elements that were taken count like bytes still unread. */
static void a_reply_without_an_end_stops_at_its_ceiling(void **state) {
    (void)state;
    enum { PIECE = 64 << 10, CEILING = 1 << 20 };
    static const char *const heads[] = { "*2000000\r\n", "*1000\r\n*2000000\r\n",
                                         "*3\r\n:1\r\n*2000000\r\n" };
    for (size_t i = 0; i < COUNT(heads); i++) {
        AUTO(reader_free) struct reader *reader = reader_new(CEILING);
        AUTO(error_clear) struct error err = { 0 };
        AUTO(text_clear) struct text piece = { 0 };
        struct redis_reply *reply = NULL;
        text_addf(&piece, "$%d\r\n", PIECE);
        for (size_t at = 0; at < PIECE; at++)
            text_add_char(&piece, 'x');
        text_add(&piece, "\r\n");
        reader_feed(reader, heads[i], strlen(heads[i]));
        size_t fed = 0;
        while (fed < 64 && reader_next(reader, &reply, &err)) {
            assert_null(reply);
            reader_feed(reader, piece.bytes, piece.length);
            fed++;
        }
        assert_int_equal(err.code, ERROR_LIMIT);
        assert_int_equal(fed, CEILING / PIECE);
    }
}

static void a_line_without_an_end_stops_early(void **state) {
    (void)state;
    char piece[16 << 10];
    memset(piece, 'x', sizeof piece);
    static const char *const heads[] = { "+", "-", "*2\r\n:1\r\n+" };
    for (size_t i = 0; i < COUNT(heads); i++) {
        AUTO(reader_free) struct reader *reader = reader_new(REDIS_CEILING_BYTES);
        AUTO(error_clear) struct error err = { 0 };
        struct redis_reply *reply = NULL;
        reader_feed(reader, heads[i], strlen(heads[i]));
        size_t fed = 0;
        for (; fed < 64 && reader_next(reader, &reply, &err); fed++)
            reader_feed(reader, piece, sizeof piece);
        assert_int_equal(err.code, ERROR_LIMIT);
        assert_in_range(fed, 4, 5);
    }
}

/* The same of many small ones: what they take in memory counts, not what came. */
static void small_elements_count_by_what_they_take(void **state) {
    (void)state;
    AUTO(reader_free) struct reader *reader = reader_new(1 << 20);
    AUTO(error_clear) struct error err = { 0 };
    struct redis_reply *reply = NULL;
    reader_feed(reader, "*5000000\r\n", 10);
    size_t fed = 0;
    for (; fed < 1000000 && reader_next(reader, &reply, &err); fed++)
        reader_feed(reader, ":1\r\n", 4);
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_in_range(fed, 5000, 30000);
}

static void nonsense_and_deep_nesting_are_refused(void **state) {
    (void)state;
    assert_null(decode("HTTP/1.1 400\r\n", 14, ERROR_FORMAT));
    char deep[4 * 40 + 1] = "";
    for (int i = 0; i < 40; i++)
        memcpy(deep + 4 * i, "*1\r\n", 4);
    assert_null(decode(deep, sizeof deep - 1, ERROR_FORMAT));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_split_or_refused),
        cmocka_unit_test(replies_of_every_type_are_read),
        cmocka_unit_test(a_reply_that_ends_early_is_no_reply),
        cmocka_unit_test(an_announced_count_allocates_nothing),
        cmocka_unit_test(a_reply_without_an_end_stops_at_its_ceiling),
        cmocka_unit_test(a_line_without_an_end_stops_early),
        cmocka_unit_test(small_elements_count_by_what_they_take),
        cmocka_unit_test(nonsense_and_deep_nesting_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
