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

#include "executor/journal.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define DIGEST "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static char folder[] = "/tmp/ecmig-journal-XXXXXX";
static char *repository;

static int fresh(void **state) {
    (void)state;
    static int number;
    free(repository);
    repository = xasprintf("%s/%d", folder, ++number);
    return 0;
}

static bool shell(const char *format, ...) PRINTF_LIKE(1, 2);
static bool shell(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    AUTO(string_free) char *command = xvasprintf(format, arguments);
    va_end(arguments);
    return system(command) == 0;
}

#define MUST(call)                                                                                 \
    do {                                                                                           \
        AUTO(error_clear) struct error err = { 0 };                                                \
        if (!(call))                                                                               \
            fail_msg("%s: %s", #call, err.message);                                                \
    } while (0)

static struct gitstore *store_open(void) {
    struct gitstore *store = NULL;
    MUST(gitstore_open(repository, "main", &store, &err));
    return store;
}

static struct journal *journal_at(struct gitstore *store) {
    struct journal *journal = NULL;
    MUST(journal_open(store, "orders", "ann@build7", NULL, &journal, &err));
    return journal;
}

static void begin(struct journal *journal, const char *run) {
    AUTO(run_record_clear) struct run_record record = { 0 };
    record.run = xstrdup(run);
    record.migration = xstrdup("orders");
    record.mode = xstrdup("migrate");
    record.plan = xstrdup(DIGEST);
    record.actor = xstrdup("ann");
    record.started_at = xstrdup("2026-11-22T10:15:00Z");
    struct journal_beginning beginning = { .record = &record,
                                           .config_yaml = "version: 1\n",
                                           .config_length = 11,
                                           .plan = "{}\n",
                                           .plan_length = 3,
                                           .digest = "sha256:" DIGEST };
    MUST(journal_begin(journal, &beginning, &err));
}

static struct json *state_of(const char *state) {
    struct json *data = json_new_object();
    json_put_string(data, "state", state);
    return data;
}

static void add(struct journal *journal, enum journal_type type, const char *step,
                const char *state) {
    AUTO(json_free) struct json *data = state_of(state);
    MUST(journal_add(journal, type, step, 1, data, &err));
}

static void finish(struct journal *journal, const char *class, bool resumable) {
    AUTO(run_result_clear)
    struct run_result result = { .class = xstrdup(class), .resumable = resumable };
    MUST(journal_finish(journal, &result, &err));
    assert_int_equal(strlen(result.head), 64);
    assert_string_equal(result.digest, DIGEST);
}

static size_t audit(struct gitstore *store) {
    AUTO(findings_clear) struct findings findings = { 0 };
    MUST(gitstore_refresh(store, &err));
    MUST(journal_audit(store, "orders", &findings, &err));
    return findings.count;
}

static void a_run_is_recorded_from_start_to_finish(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(journal_close) struct journal *journal = journal_at(store);
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    AUTO(run_summaries_clear) struct run_summaries history = { 0 };
    char hash[DIGEST_HEX_BYTES];
    begin(journal, "20261122T101500Z-0001");
    assert_true(path_exists(repository));
    add(journal, JOURNAL_STEP_STARTED, "replicate/start", NULL);
    MUST(journal_commit(journal, "S05 replicate started", &err));
    MUST(journal_attach(journal, "evidence/S05-before.json", "{}", 2, hash, &err));
    add(journal, JOURNAL_STEP_FINISHED, "replicate/start", "done");
    MUST(journal_commit(journal, "S05 replicate done", &err));
    assert_int_equal(journal_progress_of(journal_state(journal), "replicate/start"), PROGRESS_DONE);
    finish(journal, "ok", false);
    MUST(journal_read_run(store, "orders", "20261122T101500Z-0001", &files, &err));
    assert_int_equal(files.entries.count, 4);
    assert_true(files.state.finished);
    assert_string_equal(files.result.class, "ok");
    assert_string_equal(files.result.head, files.state.head);
    MUST(journal_history(store, "orders", &history, &err));
    assert_int_equal(history.count, 1);
    assert_false(history.items[0].open);
    assert_int_equal(audit(store), 0);
    assert_false(shell("test -e %s/migrations/orders/lock.json", repository));
    assert_true(shell("cd %s && git fsck --strict >/dev/null 2>&1", repository));
    assert_true(shell("cd %s && test -z \"$(git status --porcelain)\"", repository));
    assert_true(shell("cd %s && git log --format=%%s | grep -qx "
                      "'ecmig(orders): S05 replicate started'",
                      repository));
    assert_true(shell("cd %s && git log -1 --format='%%(trailers:key=Ecmig-Seq,valueonly)' | "
                      "grep -qx 4",
                      repository));
}

static void a_second_process_is_locked_out_and_told_by_whom(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(gitstore_close) struct gitstore *other_store = store_open();
    AUTO(journal_close) struct journal *journal = journal_at(store);
    struct journal *other = NULL;
    AUTO(error_clear) struct error failure = { 0 };
    assert_false(journal_open(other_store, "orders", "bob@here", NULL, &other, &failure));
    assert_int_equal(failure.code, ERROR_LOCKED);
    assert_non_null(strstr(failure.message, "ann@build7"));
    begin(journal, "20261122T101500Z-0001");
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
        AUTO(gitstore_close) struct gitstore *store = store_open();
        AUTO(journal_close) struct journal *journal = journal_at(store);
        begin(journal, "20261122T101500Z-0001");
    }
    assert_true(shell("cp -r %s %s", repository, copy));
    string_replace(&repository, copy);
    AUTO(gitstore_close) struct gitstore *store = store_open();
    struct journal *journal = NULL;
    AUTO(error_clear) struct error failure = { 0 };
    assert_false(journal_open(store, "orders", "bob@here", NULL, &journal, &failure));
    assert_int_equal(failure.code, ERROR_LOCKED);
    assert_non_null(strstr(failure.hint, "expires in"));
}

static void die_between_add_and_commit(void) {
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(journal_close) struct journal *journal = journal_at(store);
    begin(journal, "20261122T101500Z-0001");
    add(journal, JOURNAL_CUTOVER, "cutover/fence", "intent");
    MUST(journal_commit(journal, "S06 hold started", &err));
    add(journal, JOURNAL_CHECKPOINT, "cutover/fence", "held");
    add(journal, JOURNAL_CHECKPOINT, "cutover/fence", "fenced");
    kill(getpid(), SIGKILL);
}

static void what_was_added_survives_a_kill_and_the_lock_of_the_dead_is_taken_over(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0)
        die_between_add_and_commit();
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    /* A torn line at the end is no entry. */
    assert_true(shell("printf '{\"seq\":5,' >>%s/.git/ecmig/orders.*.journal", repository));
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(journal_close) struct journal *journal = journal_at(store);
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    MUST(journal_resume(journal, "20261122T101500Z-0001", "bob", &err));
    assert_int_equal(journal_epoch(journal), 2);
    assert_int_equal(journal_state(journal)->cutover, JOURNAL_MARK_INTENT);
    finish(journal, "gate", true);
    MUST(journal_read_run(store, "orders", "20261122T101500Z-0001", &files, &err));
    assert_int_equal(files.entries.count, 7);
    assert_string_equal(json_find_string(files.entries.items[4].data, "state"), "taken_over");
    assert_int_equal(json_find_int(files.entries.items[5].data, "recovered", 0), 2);
    assert_false(files.state.finished);
    assert_string_equal(files.state.class, "gate");
    assert_int_equal(audit(store), 0);
}

static void a_finish_that_was_not_committed_is_committed_by_the_next(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct gitstore *store = store_open();
        struct journal *journal = journal_at(store);
        begin(journal, "20261122T101500Z-0001");
        add(journal, JOURNAL_RUN_FINISHED, NULL, NULL);
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(journal_close) struct journal *journal = journal_at(store);
    AUTO(error_clear) struct error failure = { 0 };
    assert_false(journal_resume(journal, "20261122T101500Z-0001", "bob", &failure));
    assert_int_equal(failure.code, ERROR_REFUSED);
    assert_int_equal(audit(store), 0);
    assert_false(shell("test -e %s/migrations/orders/lock.json", repository));
}

static void a_run_that_was_given_up_is_never_resumed(void **state) {
    (void)state;
    AUTO(error_clear) struct error failure = { 0 };
    AUTO(run_summaries_clear) struct run_summaries history = { 0 };
    for (int i = 1; i <= 2; i++) {
        AUTO(gitstore_close) struct gitstore *store = store_open();
        AUTO(journal_close) struct journal *journal = journal_at(store);
        begin(journal, i == 1 ? "20261122T101500Z-0001" : "20261122T101500Z-0002");
        finish(journal, i == 1 ? "gate" : "ok", i == 1);
    }
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(journal_close) struct journal *journal = journal_at(store);
    MUST(journal_history(store, "orders", &history, &err));
    assert_int_equal(history.count, 2);
    assert_false(history.items[1].open);
    assert_string_equal(history.items[1].given_up_by, "20261122T101500Z-0002");
    assert_false(journal_resume(journal, "20261122T101500Z-0001", "bob", &failure));
    assert_int_equal(failure.code, ERROR_REFUSED);
    assert_non_null(strstr(failure.message, "given up"));
    assert_false(shell("test -e %s/migrations/orders/lock.json", repository));
}

/* The lock of the other had expired when we looked, but it wrote once more before we began. */
static void nothing_begins_over_a_run_that_went_on_meanwhile(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(error_clear) struct error failure = { 0 };
    AUTO(journal_close) struct journal *first = journal_at(store);
    begin(first, "20261122T101500Z-0001");
    finish(first, "gate", true);
    journal_close(TAKE(first));
    AUTO(journal_close) struct journal *journal = journal_at(store);
    assert_true(shell("cd %s && echo '{}' >migrations/orders/runs/20261122T101500Z-0001/journal/"
                      "000003-cutover.json && git add -A && git -c user.name=a -c user.email=a@b "
                      "commit -qm more",
                      repository));
    assert_false(journal_resume(journal, "20261122T101500Z-0001", "bob", &failure));
    assert_int_equal(failure.code, ERROR_STALE);
}

static void entries_of_a_fenced_holder_are_set_aside(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(journal_close) struct journal *journal = journal_at(store);
    begin(journal, "20261122T101500Z-0001");
    add(journal, JOURNAL_STEP_STARTED, "a/b", NULL);
    assert_true(shell("cp %s/.git/ecmig/orders.*.journal %s.kept", repository, repository));
    finish(journal, "gate", true);
    journal_close(TAKE(journal));
    assert_true(shell("cat %s.kept >$(echo %s/.git/ecmig/orders.*.journal) && "
                      "sed -i s/attempt.:1/attempt\\\":2/ %s/.git/ecmig/orders.*.journal",
                      repository, repository, repository));
    /* The chain goes on with an entry the local file knows nothing of. */
    journal = journal_at(store);
    MUST(journal_resume(journal, "20261122T101500Z-0001", NULL, &err));
    assert_int_equal(audit(store), 0);
    assert_true(shell("grep -q a/b %s/.git/ecmig/orders.*.journal.*", repository));
}

static void one_that_lost_the_lock_stops_and_writes_no_more(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(journal_close) struct journal *journal = journal_at(store);
    AUTO(error_clear) struct error failure = { 0 };
    begin(journal, "20261122T101500Z-0001");
    int64_t before_boot_ms = journal_confirmed_boot_ms(journal);
    assert_true(before_boot_ms > 0);
    MUST(journal_confirm_lock(journal, JOURNAL_FRESH_MS, &err));
    assert_int_equal(journal_confirmed_boot_ms(journal), before_boot_ms);
    assert_true(
        shell("cd %s && sed -i 's/\"nonce\": \"../\"nonce\": \"zz/' "
              "migrations/orders/lock.json && git -c user.name=x -c user.email=x commit -qam x",
              repository));
    assert_false(journal_confirm_lock(journal, 0, &failure));
    assert_int_equal(failure.code, ERROR_FENCED);
    error_clear(&failure);
    assert_false(journal_add(journal, JOURNAL_CHECKPOINT, NULL, 0, NULL, &failure));
    assert_int_equal(failure.code, ERROR_FENCED);
    error_clear(&failure);
    assert_false(journal_commit(journal, "x", &failure));
    assert_int_equal(failure.code, ERROR_FENCED);
}

static void a_lock_that_is_taken_is_seen_even_when_the_store_was_refreshed(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(journal_close) struct journal *journal = journal_at(store);
    AUTO(error_clear) struct error failure = { 0 };
    begin(journal, "20261122T101500Z-0001");
    assert_true(shell("cd %s && git rm -q migrations/orders/lock.json && "
                      "git -c user.name=x -c user.email=x commit -qm x",
                      repository));
    MUST(gitstore_refresh(store, &err));
    assert_false(journal_commit(journal, "x", &failure));
    assert_int_equal(failure.code, ERROR_FENCED);
}

static void an_approval_beside_a_run_moves_the_branch_and_stops_nobody(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(gitstore_close) struct gitstore *other = NULL;
    AUTO(journal_close) struct journal *journal = journal_at(store);
    AUTO(approvals_clear) struct approvals list = { 0 };
    begin(journal, "20261122T101500Z-0001");
    other = store_open();
    add(journal, JOURNAL_CHECKPOINT, NULL, "waiting");
    struct approval gate = { .digest = (char[]){ DIGEST },
                             .gate = (char[]){ "cutover" },
                             .who = (char[]){ "bob" },
                             .when = (char[]){ "2026-11-22T10:20:00Z" },
                             .how = (char[]){ "ecmig approve" } };
    MUST(approval_record(other, "orders", &gate, NULL, &err));
    MUST(journal_commit(journal, "waiting for cutover", &err));
    gate.gate = NULL;
    MUST(approval_record(other, "orders", &gate, NULL, &err)); /* its tip is old by now */
    MUST(approval_list(other, "orders", "sha256:" DIGEST, &list, &err));
    assert_int_equal(list.count, 2);
    assert_string_equal(approval_find(&list, "cutover")->who, "bob");
    assert_non_null(approval_find(&list, NULL));
    assert_null(approval_find(&list, "other"));
    finish(journal, "ok", false);
    assert_int_equal(audit(store), 0);
}

static void a_changed_removed_or_unaccounted_entry_is_found(void **state) {
    (void)state;
    static const char *const tampering[] = {
        "sed -i s/ann/eve/ */000001-*",
        "git rm -q */000002-*",
        "git mv journal/000002-checkpoint.json journal/000002-gate.json",
        "git rm -q */000003-*",
        "sed -i 's/waiting/wasting/' */000003-*",
        "cp journal/000003-* journal/000004-gate.json",
        "sed -i s/migrate/abort/ run.json",
    };
    for (size_t i = 0; i < COUNT(tampering); i++) {
        fresh(state);
        AUTO(gitstore_close) struct gitstore *store = store_open();
        AUTO(journal_close) struct journal *journal = journal_at(store);
        begin(journal, "r1");
        add(journal, JOURNAL_CHECKPOINT, NULL, "waiting");
        MUST(journal_commit(journal, "waiting", &err));
        add(journal, JOURNAL_CHECKPOINT, NULL, "waiting");
        MUST(journal_commit(journal, "waiting", &err));
        assert_int_equal(audit(store), 0);
        assert_true(shell("cd %s/migrations/orders/runs/r1 && "
                          "%s && git add -A . && "
                          "git -c user.name=x -c user.email=x commit -qm tidy",
                          repository, tampering[i]));
        assert_true(audit(store) > 0);
    }
}

static struct gitstore *store_of_copy(void) {
    AUTO(string_free) char *copy = xasprintf("%s-copy", repository);
    assert_true(shell("cp -r %s %s", repository, copy));
    string_replace(&repository, copy);
    return store_open();
}

static void an_expired_lock_is_taken_when_it_stood_still(void **state) {
    (void)state;
    setenv("ECMIG_TEST_LOCK_MS", "500", 1);
    {
        AUTO(gitstore_close) struct gitstore *store = store_open();
        AUTO(journal_close) struct journal *journal = journal_at(store);
        begin(journal, "20261122T101500Z-0001");
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
    MUST(journal_resume(journal, "20261122T101500Z-0001", "bob", &err));
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    MUST(journal_read_run(store, "orders", "20261122T101500Z-0001", &files, &err));
    assert_string_equal(json_find_string(files.entries.items[1].data, "state"), "taken_over");
    unsetenv("ECMIG_TEST_LOCK_MS");
}

static void a_lock_that_is_renewed_is_never_taken(void **state) {
    (void)state;
    setenv("ECMIG_TEST_LOCK_MS", "300", 1);
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(journal_close) struct journal *journal = journal_at(store);
    begin(journal, "20261122T101500Z-0001");
    pid_t holder = fork();
    if (holder == 0) {
        AUTO(error_clear) struct error failure = { 0 };
        for (int i = 0; i < 20 && journal_confirm_lock(journal, 0, &failure); i++)
            clock_sleep_ms(50);
        _exit(failure.code == ERROR_NONE ? 0 : 1);
    }
    AUTO(gitstore_close) struct gitstore *other = store_open();
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
    AUTO(gitstore_close) struct gitstore *store = store_open();
    AUTO(journal_close) struct journal *journal = journal_at(store);
    begin(journal, "20261122T101500Z-0001");
    AUTO(gitstore_close) struct gitstore *other = store_open();
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    MUST(journal_read_lock(other, "orders", &lock, &err));
    assert_false(journal_break_lock(other, "orders", "0000", "bob", "stuck", &failure));
    assert_int_equal(failure.code, ERROR_REFUSED);
    MUST(journal_break_lock(other, "orders", lock.nonce, "bob", "stuck", &err));
    assert_false(journal_confirm_lock(journal, 0, &failure));
    assert_int_equal(failure.code, ERROR_FENCED);
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    MUST(journal_read_run(other, "orders", "20261122T101500Z-0001", &files, &err));
    assert_string_equal(json_find_string(files.entries.items[1].data, "reason"), "stuck");
    assert_int_equal(files.state.epoch, lock.epoch + 1);
    assert_false(journal_break_lock(other, "orders", lock.nonce, "bob", "stuck", &failure));
    assert_int_equal(failure.code, ERROR_NOT_FOUND);
    AUTO(findings_clear) struct findings found = { 0 };
    MUST(journal_audit(other, "orders", &found, &err));
    assert_int_equal(found.count, 0);
}

static void a_lock_whose_holder_died_here_is_not_broken(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_open();
    {
        AUTO(journal_close) struct journal *journal = journal_at(store);
        begin(journal, "20261122T101500Z-0001");
    }
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    MUST(journal_read_lock(store, "orders", &lock, &err));
    assert_false(journal_break_lock(store, "orders", lock.nonce, "bob", "stuck", &failure));
    assert_int_equal(failure.code, ERROR_REFUSED);
    assert_non_null(strstr(failure.hint, "apply"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_run_is_recorded_from_start_to_finish, fresh),
        cmocka_unit_test_setup(a_second_process_is_locked_out_and_told_by_whom, fresh),
        cmocka_unit_test_setup(a_copied_state_waits_for_the_lock_to_expire, fresh),
        cmocka_unit_test_setup(
            what_was_added_survives_a_kill_and_the_lock_of_the_dead_is_taken_over, fresh),
        cmocka_unit_test_setup(a_finish_that_was_not_committed_is_committed_by_the_next, fresh),
        cmocka_unit_test_setup(a_run_that_was_given_up_is_never_resumed, fresh),
        cmocka_unit_test_setup(nothing_begins_over_a_run_that_went_on_meanwhile, fresh),
        cmocka_unit_test_setup(entries_of_a_fenced_holder_are_set_aside, fresh),
        cmocka_unit_test_setup(one_that_lost_the_lock_stops_and_writes_no_more, fresh),
        cmocka_unit_test_setup(a_lock_that_is_taken_is_seen_even_when_the_store_was_refreshed,
                               fresh),
        cmocka_unit_test_setup(an_approval_beside_a_run_moves_the_branch_and_stops_nobody, fresh),
        cmocka_unit_test_setup(an_expired_lock_is_taken_when_it_stood_still, fresh),
        cmocka_unit_test_setup(a_lock_that_is_renewed_is_never_taken, fresh),
        cmocka_unit_test_setup(a_lock_is_broken_by_its_nonce_alone_and_its_holder_stops, fresh),
        cmocka_unit_test_setup(a_lock_whose_holder_died_here_is_not_broken, fresh),
        cmocka_unit_test_setup(a_changed_removed_or_unaccounted_entry_is_found, fresh),
    };
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(repository);
    return shell("rm -rf %s", folder) ? failed : 1;
}
