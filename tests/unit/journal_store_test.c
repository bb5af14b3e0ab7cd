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

#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "tests/support/record.h"

static void a_run_is_recorded_from_start_to_finish(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = journal_at(store);
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    AUTO(run_summaries_clear) struct run_summaries history = { 0 };
    char hash[DIGEST_HEX_BYTES];
    record_begin(journal, RECORD_RUN);
    assert_true(path_exists(repository));
    record_add(journal, JOURNAL_STEP_STARTED, "replicate/start", NULL);
    MUST(journal_commit(journal, "S05 replicate started", &err));
    MUST(journal_attach(journal, "evidence/S05-before.json", "{}", 2, hash, &err));
    record_add(journal, JOURNAL_STEP_FINISHED, "replicate/start", "done");
    MUST(journal_commit(journal, "S05 replicate done", &err));
    assert_int_equal(journal_progress_of(journal_state(journal), "replicate/start"), PROGRESS_DONE);
    record_finish(journal, "ok", false);
    MUST(journal_read_run(store, "orders", RECORD_RUN, &files, &err));
    assert_int_equal(files.entries.count, 4);
    assert_true(files.state.finished);
    assert_string_equal(files.result.class, "ok");
    assert_string_equal(files.result.head, files.state.head);
    MUST(journal_history(store, "orders", &history, &err));
    assert_int_equal(history.count, 1);
    assert_false(history.items[0].open);
    assert_int_equal(record_audit(store), 0);
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

static void die_between_add_and_commit(void) {
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = journal_at(store);
    record_begin(journal, RECORD_RUN);
    record_add(journal, JOURNAL_CUTOVER, "cutover/fence", "intent");
    MUST(journal_commit(journal, "S06 hold started", &err));
    record_add(journal, JOURNAL_CHECKPOINT, "cutover/fence", "held");
    record_add(journal, JOURNAL_CHECKPOINT, "cutover/fence", "fenced");
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
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = journal_at(store);
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    MUST(journal_resume(journal, RECORD_RUN, "bob", &err));
    assert_int_equal(journal_epoch(journal), 2);
    assert_int_equal(journal_state(journal)->cutover, JOURNAL_MARK_INTENT);
    record_finish(journal, "gate", true);
    MUST(journal_read_run(store, "orders", RECORD_RUN, &files, &err));
    assert_int_equal(files.entries.count, 7);
    assert_string_equal(json_find_string(files.entries.items[4].data, "state"), "taken_over");
    assert_int_equal(json_find_int(files.entries.items[5].data, "recovered", 0), 2);
    assert_false(files.state.finished);
    assert_string_equal(files.state.class, "gate");
    assert_int_equal(record_audit(store), 0);
}

static void a_finish_that_was_not_committed_is_committed_by_the_next(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct gitstore *store = store_at(repository);
        struct journal *journal = journal_at(store);
        record_begin(journal, RECORD_RUN);
        record_add(journal, JOURNAL_RUN_FINISHED, NULL, NULL);
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = journal_at(store);
    AUTO(error_clear) struct error failure = { 0 };
    assert_false(journal_resume(journal, RECORD_RUN, "bob", &failure));
    assert_int_equal(failure.code, ERROR_REFUSED);
    assert_int_equal(record_audit(store), 0);
    assert_false(shell("test -e %s/migrations/orders/lock.json", repository));
}

static void finish_and_die(void) {
    struct gitstore *store = store_at(repository);
    struct journal *journal = journal_at(store);
    struct json *data = json_new_object();
    json_put_string(data, "class", "ok");
    json_put_int(data, "exit_code", 0);
    MUST(journal_resume(journal, RECORD_RUN, "bob", &err));
    MUST(journal_add(journal, &(struct journal_fact){ .type = JOURNAL_RUN_FINISHED, .data = data },
                     &err));
    kill(getpid(), SIGKILL);
}

/* result.json told of the stop at a gate, and the end had stayed on this machine. */
static void a_late_end_takes_the_place_of_an_earlier_stop(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(error_clear) struct error failure = { 0 };
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    AUTO(journal_close) struct journal *first = journal_at(store);
    record_begin(first, RECORD_RUN);
    record_finish(first, "gate", true);
    journal_close(TAKE(first));
    pid_t child = fork();
    if (child == 0)
        finish_and_die();
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    AUTO(gitstore_close) struct gitstore *later = store_at(repository);
    AUTO(journal_close) struct journal *journal = journal_at(later);
    assert_false(journal_resume(journal, RECORD_RUN, "bob", &failure));
    assert_int_equal(failure.code, ERROR_REFUSED);
    MUST(journal_read_run(later, "orders", RECORD_RUN, &files, &err));
    assert_string_equal(files.result.class, "ok");
    assert_string_equal(files.result.head, files.state.head);
    assert_int_equal(record_audit(later), 0);
}

static void a_run_that_was_given_up_is_never_resumed(void **state) {
    (void)state;
    AUTO(error_clear) struct error failure = { 0 };
    AUTO(run_summaries_clear) struct run_summaries history = { 0 };
    for (int i = 1; i <= 2; i++) {
        AUTO(gitstore_close) struct gitstore *store = store_at(repository);
        AUTO(journal_close) struct journal *journal = journal_at(store);
        record_begin(journal, i == 1 ? RECORD_RUN : "20261122T101500Z-0002");
        record_finish(journal, i == 1 ? "gate" : "ok", i == 1);
    }
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = journal_at(store);
    MUST(journal_history(store, "orders", &history, &err));
    assert_int_equal(history.count, 2);
    assert_false(history.items[1].open);
    assert_string_equal(history.items[1].given_up_by, "20261122T101500Z-0002");
    assert_false(journal_resume(journal, RECORD_RUN, "bob", &failure));
    assert_int_equal(failure.code, ERROR_REFUSED);
    assert_non_null(strstr(failure.message, "was aborted"));
    assert_false(shell("test -e %s/migrations/orders/lock.json", repository));
}

/* The lock of the other had expired when we looked, but it wrote once more before we began. */

static void nothing_begins_over_a_run_that_went_on_meanwhile(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(error_clear) struct error failure = { 0 };
    AUTO(journal_close) struct journal *first = journal_at(store);
    record_begin(first, RECORD_RUN);
    record_finish(first, "gate", true);
    journal_close(TAKE(first));
    AUTO(journal_close) struct journal *journal = journal_at(store);
    assert_true(shell("cd %s && echo '{}' >migrations/orders/runs/20261122T101500Z-0001/journal/"
                      "000003-cutover.json && git add -A && git -c user.name=a -c user.email=a@b "
                      "commit -qm more",
                      repository));
    assert_false(journal_resume(journal, RECORD_RUN, "bob", &failure));
    assert_int_equal(failure.code, ERROR_STALE);
}

static void entries_of_a_fenced_holder_are_set_aside(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = journal_at(store);
    record_begin(journal, RECORD_RUN);
    record_add(journal, JOURNAL_STEP_STARTED, "a/b", NULL);
    assert_true(shell("cp %s/.git/ecmig/orders.*.journal %s.kept", repository, repository));
    record_finish(journal, "gate", true);
    journal_close(TAKE(journal));
    assert_true(shell("cat %s.kept >$(echo %s/.git/ecmig/orders.*.journal) && "
                      "sed -i s/attempt.:1/attempt\\\":2/ %s/.git/ecmig/orders.*.journal",
                      repository, repository, repository));
    /* The chain goes on with an entry the local file knows nothing of. */
    journal = journal_at(store);
    MUST(journal_resume(journal, RECORD_RUN, NULL, &err));
    assert_int_equal(record_audit(store), 0);
    assert_true(shell("grep -q a/b %s/.git/ecmig/orders.*.journal.*", repository));
}

static void an_approval_beside_a_run_moves_the_branch_and_stops_nobody(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(gitstore_close) struct gitstore *other = NULL;
    AUTO(journal_close) struct journal *journal = journal_at(store);
    record_begin(journal, RECORD_RUN);
    other = store_at(repository);
    record_add(journal, JOURNAL_CHECKPOINT, NULL, "waiting");
    struct approval gate = { .digest = (char[]){ RECORD_DIGEST },
                             .gate = (char[]){ "cutover" },
                             .who = (char[]){ "bob" },
                             .when = (char[]){ "2026-11-22T10:20:00Z" },
                             .how = (char[]){ "ecmig approve" } };
    MUST(approval_record(other, "orders", &gate, NULL, &err));
    MUST(journal_commit(journal, "waiting for cutover", &err));
    gate.gate = NULL;
    MUST(approval_record(other, "orders", &gate, NULL, &err)); /* its tip is old by now */
    MUST(approval_check(other, "orders", "sha256:" RECORD_DIGEST, &err));
    assert_true(shell("cd %s/migrations/orders/approvals/* && grep -q cutover 0001.json && "
                      "test -e 0002.json && ! grep -q cutover 0002.json",
                      repository));
    record_finish(journal, "ok", false);
    assert_int_equal(record_audit(store), 0);
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
        AUTO(gitstore_close) struct gitstore *store = store_at(repository);
        AUTO(journal_close) struct journal *journal = journal_at(store);
        record_begin(journal, "r1");
        record_add(journal, JOURNAL_CHECKPOINT, NULL, "waiting");
        MUST(journal_commit(journal, "waiting", &err));
        record_add(journal, JOURNAL_CHECKPOINT, NULL, "waiting");
        MUST(journal_commit(journal, "waiting", &err));
        assert_int_equal(record_audit(store), 0);
        assert_true(shell("cd %s/migrations/orders/runs/r1 && "
                          "%s && git add -A . && "
                          "git -c user.name=x -c user.email=x commit -qm tidy",
                          repository, tampering[i]));
        assert_true(record_audit(store) > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_run_is_recorded_from_start_to_finish, fresh),
        cmocka_unit_test_setup(
            what_was_added_survives_a_kill_and_the_lock_of_the_dead_is_taken_over, fresh),
        cmocka_unit_test_setup(a_finish_that_was_not_committed_is_committed_by_the_next, fresh),
        cmocka_unit_test_setup(a_late_end_takes_the_place_of_an_earlier_stop, fresh),
        cmocka_unit_test_setup(a_run_that_was_given_up_is_never_resumed, fresh),
        cmocka_unit_test_setup(nothing_begins_over_a_run_that_went_on_meanwhile, fresh),
        cmocka_unit_test_setup(entries_of_a_fenced_holder_are_set_aside, fresh),
        cmocka_unit_test_setup(an_approval_beside_a_run_moves_the_branch_and_stops_nobody, fresh),
        cmocka_unit_test_setup(a_changed_removed_or_unaccounted_entry_is_found, fresh),
    };
    if (!repositories_open())
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return repositories_close() ? failed : 1;
}
