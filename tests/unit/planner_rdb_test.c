#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/rdb.h"
#include "planner/version.h"
#include "schemas/base/language.h"

static void snapshots_load_where_they_were_tried_to(void **state) {
    (void)state;
    static const struct {
        const char *source_engine, *source_version, *target_engine, *target_version;
        enum rdb_verdict verdict;
    } cases[] = {
        { "redis", "2.8.21", "redis", "5.0.6", RDB_LOADS },
        { "redis", "3.2.13", "valkey", "8.1.0", RDB_LOADS },
        { "redis", "6.2.14", "redis", "7.0.7", RDB_LOADS },
        { "redis", "6.2.14", "redis", "5.0.6", RDB_LOADS },
        { "redis", "7.0.15", "redis", "6.2.6", RDB_REFUSED },
        { "redis", "7.0.15", "redis", "7.1", RDB_LOADS },
        { "redis", "7.0.15", "valkey", "7.2.6", RDB_LOADS },
        { "redis", "7.2.4", "redis", "7.0.7", RDB_REFUSED },
        { "redis", "7.2.4", "redis", "7.1.0", RDB_DOUBTFUL },
        { "redis", "7.2.4", "valkey", "9.1.2", RDB_LOADS },
        { "redis", "7.4.6", "valkey", "8.2", RDB_REFUSED },
        { "redis", "7.4.6", "valkey", "9.0", RDB_REFUSED },
        { "redis", "8.4.0", "valkey", "8.2", RDB_REFUSED },
        { "valkey", "8.1.1", "redis", "7.1.0", RDB_DOUBTFUL },
        { "valkey", "8.1.1", "redis", "7.0.7", RDB_REFUSED },
        { "valkey", "8.1.1", "valkey", "7.2.6", RDB_LOADS },
        { "valkey", "9.1.2", "valkey", "9.0", RDB_LOADS },
        { "valkey", "9.1.2", "valkey", "8.2", RDB_DOUBTFUL },
        { "valkey", "9.2.0", "valkey", "9.1", RDB_DOUBTFUL },
        { "valkey", "9.2.0", "valkey", "8.2", RDB_DOUBTFUL },
        { "valkey", "9.1.2", "valkey", "9.2", RDB_LOADS },
        { "valkey", "9.2.0", "redis", "7.1", RDB_REFUSED },
        { "redis", "7.4.6", "valkey", "9.2", RDB_REFUSED },
        { "valkey", "9.1.2", "redis", "7.1", RDB_REFUSED },
        { "redis", "7.0.15", "valkey", NULL, RDB_UNKNOWN },
        { NULL, NULL, "valkey", "8.0", RDB_UNKNOWN },
        { "dragon", "1.0", "valkey", "8.0", RDB_UNKNOWN },
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(rdb_verdict(cases[i].source_engine, cases[i].source_version,
                                     cases[i].target_engine, cases[i].target_version),
                         cases[i].verdict);
}

static void versions_are_compared_by_number(void **state) {
    (void)state;
    assert_true(version_at_least("7.0.15", 7, 0, 9));
    assert_true(version_at_least("10", 9, 9, 9));
    assert_false(version_at_least("2.8.20", 2, 8, 21));
    assert_true(version_below("2.8.20", 2, 8, 21));
    assert_false(version_at_least(NULL, 0, 0, 0));
    assert_false(version_below(NULL, 9, 0, 0));
    assert_false(version_below("new", 9, 0, 0));
    assert_true(version_covers("8.0", "8.0.1"));
    assert_true(version_covers("8.0", "8.0"));
    assert_false(version_covers("8.0", "8.01"));
    assert_false(version_covers("8.0.1", "8.0"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshots_load_where_they_were_tried_to),
        cmocka_unit_test(versions_are_compared_by_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
