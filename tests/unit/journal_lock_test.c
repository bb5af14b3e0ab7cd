#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/record.h"

static bool break_lock(struct gitstore *store, const char *nonce, struct error *err) {
    const struct journal_breaking breaking = { .nonce = nonce, .who = "bob", .reason = "stuck" };
    return journal_break_lock(store, "orders", &breaking, err);
}

static void a_second_process_is_locked_out_and_told_by_whom(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(gitstore_close) struct gitstore *other_store = store_at(repository);
    AUTO(journal_close) struct journal *journal = journal_at(store);
    struct journal *other = NULL;
    AUTO(error_clear) struct error failure = { 0 };
    assert_false(journal_open(other_store, "orders", "bob@here", NULL, &other, &failure));
    assert_int_equal(failure.code, ERROR_LOCKED);
    assert_non_null(strstr(failure.message, "ann@build7"));
    record_begin(journal, RECORD_RUN);
    error_clear(&failure);
    assert_false(journal_open(other_store, "orders", "bob@here", NULL, &other, &failure));
    assert_int_equal(failure.code, ERROR_LOCKED);
    assert_non_null(strstr(failure.message, "ann@build7"));
    /* Another migration of the same store is free. */
    MUST(journal_open(other_store, "stock", "bob@here", NULL, &other, &err));
    journal_close(other);
}

static void a_copied_state_waits_for_the_lock_to_expire(void **state) {
    (void)state;
    AUTO(string_free) char *copy = xasprintf("%s-copy", repository);
    {
        AUTO(gitstore_close) struct gitstore *store = store_at(repository);
        AUTO(journal_close) struct journal *journal = journal_at(store);
        record_begin(journal, RECORD_RUN);
    }
    assert_true(shell("cp -r %s %s", repository, copy));
    string_replace(&repository, copy);
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    struct journal *journal = NULL;
    AUTO(error_clear) struct error failure = { 0 };
    assert_false(journal_open(store, "orders", "bob@here", NULL, &journal, &failure));
    assert_int_equal(failure.code, ERROR_LOCKED);
    assert_non_null(strstr(failure.hint, "expires in"));
}

static void one_that_lost_the_lock_stops_and_writes_no_more(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = journal_at(store);
    AUTO(error_clear) struct error failure = { 0 };
    record_begin(journal, RECORD_RUN);
    AUTO(string_free) char *before = xstrdup(gitstore_tip(store));
    MUST(journal_confirm_lock(journal, JOURNAL_FRESH_MS, &err));
    assert_string_equal(gitstore_tip(store), before); /* confirmed a moment ago */
    assert_true(
        shell("cd %s && sed -i 's/\"nonce\": \"../\"nonce\": \"zz/' "
              "migrations/orders/lock.json && git -c user.name=x -c user.email=x commit -qam x",
              repository));
    assert_false(journal_confirm_lock(journal, 0, &failure));
    assert_int_equal(failure.code, ERROR_LOCK_LOST);
    error_clear(&failure);
    assert_false(
        journal_add(journal, &(struct journal_fact){ .type = JOURNAL_CHECKPOINT }, &failure));
    assert_int_equal(failure.code, ERROR_LOCK_LOST);
    error_clear(&failure);
    assert_false(journal_commit(journal, "x", &failure));
    assert_int_equal(failure.code, ERROR_LOCK_LOST);
}

static void a_lock_that_is_taken_is_seen_even_when_the_store_was_refreshed(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = journal_at(store);
    AUTO(error_clear) struct error failure = { 0 };
    record_begin(journal, RECORD_RUN);
    assert_true(shell("cd %s && git rm -q migrations/orders/lock.json && "
                      "git -c user.name=x -c user.email=x commit -qm x",
                      repository));
    MUST(gitstore_refresh(store, &err));
    assert_false(journal_commit(journal, "x", &failure));
    assert_int_equal(failure.code, ERROR_LOCK_LOST);
}

static struct gitstore *store_of_copy(void) {
    AUTO(string_free) char *copy = xasprintf("%s-copy", repository);
    assert_true(shell("cp -r %s %s", repository, copy));
    string_replace(&repository, copy);
    return store_at(repository);
}

static void an_expired_lock_is_taken_when_it_stood_still(void **state) {
    (void)state;
    setenv("ECMIG_TEST_LOCK_MS", "500", 1);
    {
        AUTO(gitstore_close) struct gitstore *store = store_at(repository);
        AUTO(journal_close) struct journal *journal = journal_at(store);
        record_begin(journal, RECORD_RUN);
    }
    AUTO(gitstore_close) struct gitstore *store = store_of_copy();
    AUTO(journal_close) struct journal *journal = NULL;
    AUTO(error_clear) struct error failure = { 0 };
    clock_sleep_ms(510);
    assert_false(journal_open(store, "orders", "bob@here", NULL, &journal, &failure));
    assert_non_null(strstr(failure.hint, "expired"));
    error_clear(&failure);
    const struct journal_patience patience = { .wait_ms = -1 };
    int64_t began_mono_ms = clock_mono_ms();
    MUST(journal_open(store, "orders", "bob@here", &patience, &journal, &err));
    assert_true(clock_mono_ms() - began_mono_ms >= 200);
    MUST(journal_resume(journal, RECORD_RUN, "bob", &err));
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    MUST(journal_read_run(store, "orders", RECORD_RUN, &files, &err));
    assert_string_equal(json_find_string(files.entries.items[1].data, "state"), "taken_over");
    unsetenv("ECMIG_TEST_LOCK_MS");
}

static void a_lock_that_is_renewed_is_never_taken(void **state) {
    (void)state;
    setenv("ECMIG_TEST_LOCK_MS", "300", 1);
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = journal_at(store);
    record_begin(journal, RECORD_RUN);
    pid_t holder = fork();
    if (holder == 0) {
        AUTO(error_clear) struct error failure = { 0 };
        for (int i = 0; i < 20 && journal_confirm_lock(journal, 0, &failure); i++)
            clock_sleep_ms(50);
        _exit(failure.code == ERROR_NONE ? 0 : 1);
    }
    AUTO(gitstore_close) struct gitstore *other = store_at(repository);
    AUTO(journal_close) struct journal *rival = NULL;
    AUTO(error_clear) struct error failure = { 0 };
    const struct journal_patience patience = { .wait_ms = 700 };
    assert_false(journal_open(other, "orders", "bob@here", &patience, &rival, &failure));
    assert_int_equal(failure.code, ERROR_LOCKED);
    int status = 1;
    assert_int_equal(waitpid(holder, &status, 0), holder);
    assert_int_equal(status, 0);
    unsetenv("ECMIG_TEST_LOCK_MS");
}

static void a_lock_is_broken_by_its_nonce_alone_and_its_holder_stops(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = journal_at(store);
    record_begin(journal, RECORD_RUN);
    AUTO(gitstore_close) struct gitstore *other = store_at(repository);
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    MUST(journal_read_lock(other, "orders", &lock, &err));
    assert_false(break_lock(other, "0000", &failure));
    assert_int_equal(failure.code, ERROR_REFUSED);
    MUST(break_lock(other, lock.nonce, &err));
    assert_false(journal_confirm_lock(journal, 0, &failure));
    assert_int_equal(failure.code, ERROR_LOCK_LOST);
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    MUST(journal_read_run(other, "orders", RECORD_RUN, &files, &err));
    assert_string_equal(json_find_string(files.entries.items[1].data, "reason"), "stuck");
    assert_int_equal(files.state.epoch, lock.epoch + 1);
    assert_false(break_lock(other, lock.nonce, &failure));
    assert_int_equal(failure.code, ERROR_NOT_FOUND);
    AUTO(findings_clear) struct findings found = { 0 };
    MUST(journal_audit(&(struct journal_reading){ other, "orders", NULL }, &found, NULL, &err));
    assert_int_equal(found.count, 0);
}

static void a_lock_whose_holder_died_here_is_not_broken(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    {
        AUTO(journal_close) struct journal *journal = journal_at(store);
        record_begin(journal, RECORD_RUN);
    }
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    MUST(journal_read_lock(store, "orders", &lock, &err));
    assert_false(break_lock(store, lock.nonce, &failure));
    assert_int_equal(failure.code, ERROR_REFUSED);
    assert_non_null(strstr(failure.hint, "apply"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_second_process_is_locked_out_and_told_by_whom, fresh),
        cmocka_unit_test_setup(a_copied_state_waits_for_the_lock_to_expire, fresh),
        cmocka_unit_test_setup(one_that_lost_the_lock_stops_and_writes_no_more, fresh),
        cmocka_unit_test_setup(a_lock_that_is_taken_is_seen_even_when_the_store_was_refreshed,
                               fresh),
        cmocka_unit_test_setup(an_expired_lock_is_taken_when_it_stood_still, fresh),
        cmocka_unit_test_setup(a_lock_that_is_renewed_is_never_taken, fresh),
        cmocka_unit_test_setup(a_lock_is_broken_by_its_nonce_alone_and_its_holder_stops, fresh),
        cmocka_unit_test_setup(a_lock_whose_holder_died_here_is_not_broken, fresh),
    };
    if (!repositories_open())
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return repositories_close() ? failed : 1;
}
