/* Marks of runs: written and read back, and what they must not be taken for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/planner.h"
#include "schemas/base/memory.h"
#include "schemas/observed/mark.h"
#include "tests/support/sight.h"

#define RUN "20261128T044711Z-3f9c"
#define OTHER "20261128T044812Z-0a1b"

static void a_connection_names_its_run(void **state) {
    (void)state;
    AUTO(string_free) char *name = mark_connection(4, RUN), *old = mark_connection(4, NULL);
    assert_string_equal(name, "ecmig:4:" RUN);
    AUTO(string_free) char *run = mark_connection_run(name), *none = mark_connection_run(old);
    assert_string_equal(run, RUN);
    assert_string_equal(none, "");
    assert_int_equal(mark_connection_epoch(name), 4);
    assert_int_equal(mark_connection_epoch(old), 4);
    assert_null(mark_connection_run("ecmig-look"));
    assert_null(mark_connection_run("sentinel-3f-cmd"));
}

static void names_of_ecmig_are_kept_once(void **state) {
    (void)state;
    AUTO(strings_clear) struct strings names = { 0 };
    static const char *const all[] = { "ecmig:2:" RUN, "ecmig:2:" RUN, "", "ecmig-look",
                                       "ecmig:1" };
    for (size_t i = 0; i < COUNT(all); i++)
        mark_connection_add(all[i], &names);
    assert_int_equal(names.count, 2);
    assert_string_equal(names.items[0], "ecmig:2:" RUN);
    assert_string_equal(names.items[1], "ecmig:1");
}

static void a_record_fits_into_a_tag(void **state) {
    (void)state;
    char long_place[400];
    memset(long_place, 'x', sizeof long_place - 1);
    long_place[sizeof long_place - 1] = '\0';
    AUTO(string_free)
    char *record = mark_record("1f0c9a77b2e4d5", "build7:/srv/or (ders)~/state"),
         *cut = mark_record("1f0c9a77b2e4d5", long_place);
    assert_string_equal(record, "1f0c9a77b2e4 build7:/srv/or _ders__/state");
    assert_int_equal(strlen(cut), 256);
}

static void a_copy_of_a_record_is_told_from_it(void **state) {
    (void)state;
    static const char record[] = "1f0c9a77b2e4 build7:/srv/or_ders/state";
    assert_false(mark_record_moved(record, "/srv/or(ders/state"));
    assert_true(mark_record_moved(record, "/srv/copy/state"));
    assert_true(mark_record_moved(record, "/srv/or(ders/state2"));
    assert_false(mark_record_moved(record, "ssh://git@host/orders.git"));
    assert_false(mark_record_moved("1f0c9a77b2e4 ssh://git_host/orders", "/srv/copy/state"));
    assert_false(mark_record_moved("1f0c9a77b2e4 git@host:/orders", "/srv/copy/state"));
    assert_false(mark_record_moved(NULL, "/srv/copy/state"));
    assert_false(mark_record_moved(record, NULL));
}

static void a_description_is_read_back(void **state) {
    (void)state;
    AUTO(string_free) char *words = mark_description(RUN, "1f0c build7:/state");
    AUTO(string_free) char *run = NULL, *record = NULL;
    assert_true(mark_description_read(words, &run, &record));
    assert_string_equal(run, RUN);
    assert_string_equal(record, "1f0c build7:/state");
    assert_false(mark_description_read("created by ecmig", &run, &record));
    assert_false(mark_description_read("orders cache", &run, &record));
    assert_false(mark_description_read(NULL, &run, &record));
}

static void make(const char *run, const char *waiver, struct plan *plan) {
    AUTO(sight_clear) struct sight sight;
    AUTO(error_clear) struct error err = { 0 };
    sight_init(&sight);
    sight_target_exists(&sight);
    string_replace(&sight.observed.target.mark_run, run);
    strings_add(&sight.observed.record.runs, RUN);
    if (waiver)
        sight_waive(&sight, "other-run", waiver);
    assert_true(planner_plan(&sight.config, &sight.observed, PLAN_MIGRATE, plan, &err));
}

/* Adopting is deliberate, and of one run: another one makes another plan. */
static void a_waiver_adopts_one_run(void **state) {
    (void)state;
    AUTO(plan_clear) struct plan own = { 0 }, blocked = { 0 }, adopts = { 0 }, again = { 0 };
    make(RUN, NULL, &own);
    make(OTHER, NULL, &blocked);
    make(OTHER, "its disk died", &adopts);
    make("20261129T000000Z-ffff", "its disk died", &again);
    assert_true(own.context.applyable);
    assert_false(blocked.context.applyable);
    assert_true(adopts.context.applyable);
    assert_true(again.context.applyable);
    assert_string_not_equal(adopts.digest, again.digest);
    assert_true(plan_adopts(&adopts, OTHER));
    assert_false(plan_adopts(&adopts, "20261129T000000Z-ffff"));
    assert_false(plan_adopts(&blocked, OTHER));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_names_its_run),
        cmocka_unit_test(names_of_ecmig_are_kept_once),
        cmocka_unit_test(a_record_fits_into_a_tag),
        cmocka_unit_test(a_copy_of_a_record_is_told_from_it),
        cmocka_unit_test(a_description_is_read_back),
        cmocka_unit_test(a_waiver_adopts_one_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
