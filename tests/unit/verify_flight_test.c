/* What a comparison makes its source hold stays below what the plan reserves for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "executor/verify/flight.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/observed/room.h"
#include "tests/support/servers.h"

#define MIB ((int64_t)1 << 20)
#define SMALL_COUNT 1500 /* quick answers, after which a trip asks for the most */
#define STRING_COUNT 300
#define STRING_LAST "99999"
#define LIST_COUNT 24
#define ELEMENT_COUNT 16
#define ELEMENT_BYTES ((size_t)40000)

static void take(struct redis_connection *connection, int count) {
    redis_exchange(&connection, 1, clock_mono_ms() + 60000);
    for (int i = 0; i < count; i++) {
        AUTO(redis_reply_free) struct redis_reply *reply = NULL;
        AUTO(error_clear) struct error err = { 0 };
        assert_true(redis_take(connection, &reply, &err));
        assert_int_not_equal(reply->type, REDIS_FAULT);
    }
}

/* By name, which is the order in which a sample is compared: small values, large ones, and lists
 * whose first elements are large. */
static void fill(struct redis_connection *connection) {
    AUTO(string_free) char *element = xcalloc(1, ELEMENT_BYTES + 1);
    memset(element, 'e', ELEMENT_BYTES);
    for (int i = 0; i < SMALL_COUNT; i++) {
        AUTO(string_free) char *key = xasprintf("a:%d", i);
        redis_queue_words(connection, "SET", key, "1", NULL);
    }
    take(connection, SMALL_COUNT);
    for (int i = 0; i < STRING_COUNT; i++) {
        AUTO(string_free) char *key = xasprintf("b:%d", i);
        redis_queue_words(connection, "SETRANGE", key, STRING_LAST, "x", NULL);
    }
    take(connection, STRING_COUNT);
    for (int i = 0; i < LIST_COUNT * ELEMENT_COUNT; i++) {
        AUTO(string_free) char *key = xasprintf("c:%d", i / ELEMENT_COUNT);
        redis_queue_words(connection, "RPUSH", key, element, NULL);
        take(connection, 1);
    }
}

static int64_t memory(const struct server *server, const char *field) {
    AUTO(string_free) char *info = server_ask(server, "INFO memory");
    const char *at = strstr(info, field);
    assert_non_null(at);
    return strtoll(at + strlen(field), NULL, 10);
}

/* What was held while it was filled must not hide what is held later: fillers use the peak up. */
static void reach_peak(const struct servers *pair, int *fillers) {
    for (;; ++*fillers) {
        int64_t hidden =
            memory(pair->source, "used_memory_peak:") - memory(pair->source, "used_memory:");
        if (hidden < MIB / 4)
            return;
        AUTO(string_free)
        char *fill = xasprintf("SETRANGE d:%d %lld x", *fillers, (long long)(hidden - MIB / 8));
        server_do(pair->to_source, fill);
    }
}

static void a_comparison_holds_no_more_than_is_reserved(void **state) {
    (void)state;
    static const char *const names[] = { "full", "sample" };
    static const enum config_verify_mode modes[] = { VERIFY_FULL, VERIFY_SAMPLE };
    AUTO(servers_clear) struct servers pair = servers_start(NULL);
    server_follow(pair.target, pair.source);
    fill(pair.to_source);
    int fillers = 0;
    for (int i = 0; i < 4; i++) {
        reach_peak(&pair, &fillers);
        int64_t before = memory(pair.source, "used_memory:");
        AUTO(verify_result_clear)
        struct verify_result result = servers_compare(&pair, modes[i % 2], 10000, i >= 2);
        int64_t growth = memory(pair.source, "used_memory_peak:") - before;
        printf("%s%s: the source held %.2f MiB of %.2f MiB reserved\n", names[i % 2],
               i >= 2 ? ", detached" : "", (double)growth / (double)MIB,
               (double)ROOM_COMPARISON_BYTES / (double)MIB);
        assert_int_equal(result.verdict, VERDICT_EQUAL);
        assert_int_equal(result.keys_equal, SMALL_COUNT + STRING_COUNT + LIST_COUNT + fillers);
        assert_true(growth <= ROOM_COMPARISON_BYTES);
    }
}

static struct key_read reading(enum key_kind kind, int64_t size_bytes, size_t read_bytes) {
    return (struct key_read){
        .stage = 1, .kind = kind, .size_bytes = size_bytes, .read_bytes = read_bytes
    };
}

static void an_answer_is_weighed_before_it_is_asked_for(void **state) {
    (void)state;
    static const struct {
        enum key_kind kind;
        int64_t size_bytes;
        size_t read_bytes, least, most;
    } rows[] = {
        { KEY_STRING, -1, 0, 64 << 10, 65 << 10 },
        { KEY_STRING, 100, 0, 100, 200 },
        { KEY_STRING, 1 << 30, 0, 64 << 10, 65 << 10 },
        { KEY_HASH, -1, 0, 128 << 10, 128 << 10 },
        { KEY_HASH, 1000, 0, 5500, 7000 }, /* integers, five digits in two bytes */
        { KEY_HASH, 1 << 20, 0, 1 << 20, (1 << 20) + 64 },
        { KEY_HASH, 1 << 30, 0, FLIGHT_BYTES, FLIGHT_BYTES + 64 }, /* alone */
        { KEY_HASH, 1 << 30, 1000, 128 << 10, 128 << 10 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct key_read read = reading(rows[i].kind, rows[i].size_bytes, rows[i].read_bytes);
        assert_in_range(flight_of(&read), rows[i].least, rows[i].most);
    }
    assert_true(FLIGHT_BYTES < (size_t)ROOM_COMPARISON_BYTES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_weighed_before_it_is_asked_for),
        cmocka_unit_test(a_comparison_holds_no_more_than_is_reserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
