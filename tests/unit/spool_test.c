#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "executor/record/spool.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "tests/support/record.h"

#define SECOND_RUN "20261122T111500Z-0002"

/* A run that did something which it cannot commit, and what it leaves. */
static bool break_lock(struct gitstore *store, const char *nonce, struct error *err) {
    const struct journal_breaking breaking = { .nonce = nonce, .who = "bob", .reason = "stuck" };
    return journal_break_lock(store, "orders", &breaking, err);
}

static void spool_of(struct journal *journal, struct spool *out) {
    record_add(journal, JOURNAL_STEP_FINISHED, "replicate/start", "done");
    MUST(journal_attach(journal, "verify.json", "{}\n", 3, NULL, &err));
    assert_true(journal_spool(journal, out));
}

static struct journal *run_with_an_intent(struct gitstore *store) {
    struct journal *journal = journal_at(store);
    record_begin(journal, RECORD_RUN);
    record_add(journal, JOURNAL_STEP_STARTED, "replicate/start", NULL);
    MUST(journal_commit(journal, "S05 replicate started", &err));
    return journal;
}

static char *written(struct gitstore *store) {
    AUTO(journal_close) struct journal *journal = run_with_an_intent(store);
    AUTO(spool_clear) struct spool spool = { 0 };
    spool_of(journal, &spool);
    return spool_write(&spool);
}

static bool parses(const char *text, struct spool *out, const char *wanted) {
    AUTO(error_clear) struct error err = { 0 };
    bool parsed = spool_parse(text, strlen(text), "job.log", out, &err);
    if (!parsed && (!wanted || !strstr(err.message, wanted)))
        fail_msg("%s", err.message);
    return parsed;
}

/* ---- its text ---- */

static void what_a_log_adds_to_its_lines_does_not_matter(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(string_free) char *block = written(store);
    AUTO(text_clear) struct text log = { 0 };
    AUTO(spool_clear) struct spool spool = { 0 };
    text_add(&log, "a line before\nsays BEGIN ECMIG SPOOL in the middle\n");
    for (const char *line = block; *line; line += strcspn(line, "\n") + 1)
        text_addf(&log, "\033[31m2026-11-22T10:15:00Z job | %.*s \033[0m\r\n",
                  (int)strcspn(line, "\n"), line);
    text_add(&log, "a line after");
    assert_true(parses(text_string(&log), &spool, NULL));
    assert_string_equal(spool.run, RECORD_RUN);
    assert_int_equal(spool.entries.count, 1);
    assert_int_equal(spool.entries.items[0].seq, 3);
    assert_int_equal(spool.after_seq, 2);
    assert_int_equal(spool.files.count, 1);
    assert_string_equal(spool.files.items[0].text, "{}\n");
    AUTO(string_free) char *again = spool_write(&spool);
    assert_string_equal(again, block);
}

static void the_last_of_several_counts(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(string_free) char *block = written(store);
    AUTO(spool_clear) struct spool spool = { 0 };
    AUTO(string_free) char *two = xasprintf(SPOOL_BEGIN "\nrubbish\n" SPOOL_END "\n%s", block);
    AUTO(string_free) char *cut = xasprintf("%s" SPOOL_BEGIN "\nrubbish\n", block);
    assert_true(parses(two, &spool, NULL));
    spool_clear(&spool);
    assert_false(parses(cut, &spool, "incomplete"));
}

static char *replaced(const char *text, const char *from, const char *to) {
    const char *at = strstr(text, from);
    assert_non_null(at);
    return xasprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void any_damage_is_noticed(void **state) {
    (void)state;
    static const struct {
        const char *from, *to, *wanted;
    } damages[] = {
        { "\"attempt\":1", "\"attempt\":2", "changed after it was written" },
        { "replicate/start", "***", "changed after it was written" },
        { "{\"spool\":", "{\"spoil\":", "first line is missing" },
        { "\"seq\":3", "\"seq\":x", "not a journal entry" },
        { "{\"file\":", "{\"fill\":", "not a journal entry" },
        { "verify.json", "../../x", "an invalid name" },
        { "\"format\":1", "\"format\":2", "has format 2" },
        { "\"lines\":3", "\"lines\":4", "lines are missing" },
        { "{\"end\":{", "", "its last line is missing" },
        { SPOOL_END, "", "incomplete" },
        { SPOOL_BEGIN, "", "there is no spool" },
    };
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(string_free) char *block = written(store);
    AUTO(spool_clear) struct spool spool = { 0 };
    for (size_t i = 0; i < COUNT(damages); i++) {
        AUTO(string_free) char *bad = replaced(block, damages[i].from, damages[i].to);
        assert_false(parses(bad, &spool, damages[i].wanted));
    }
    assert_false(parses("", &spool, "there is no spool"));
    for (size_t length = 1; length + 1 < strlen(block); length += 7) {
        AUTO(string_free) char *part = xstrndup(block, length);
        assert_false(parses(part, &spool, ""));
    }
}

static void the_lock_stands_in_it_only_as_a_digest(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(string_free) char *block = written(store);
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    MUST(journal_read_lock(store, "orders", &lock, &err));
    assert_null(strstr(block, lock.nonce));
}

/* ---- its way back ---- */

static bool merges(struct gitstore *store, const char *migration, const struct spool *spool,
                   size_t *count, enum error_code wanted, const char *words) {
    AUTO(error_clear) struct error failure = { 0 };
    const struct journal_reading reading = { store, migration, NULL };
    MUST(gitstore_refresh(store, &err));
    bool merged = spool_merge(&reading, spool, "bob@laptop", count, &failure);
    if (!merged && (failure.code != wanted || !strstr(failure.message, words)))
        fail_msg("%d %s", (int)failure.code, failure.message);
    return merged;
}

static struct gitstore *elsewhere(void) { /* another clone: no journal of this machine */
    AUTO(string_free) char *clone = xasprintf("%s-clone", repository);
    assert_true(shell("git clone -q --bare %s %s", repository, clone));
    return store_at(clone);
}

static void it_is_merged_once_from_anywhere_and_frees_the_lock(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(string_free) char *block = written(store);
    AUTO(gitstore_close) struct gitstore *other = elsewhere();
    AUTO(spool_clear) struct spool spool = { 0 };
    AUTO(journal_run_files_clear) struct journal_run_files files = { 0 };
    size_t count = 9;
    assert_true(parses(block, &spool, NULL));
    MUST(spool_lacking(&(struct journal_reading){ other, "orders", NULL }, &spool, &count, &err));
    assert_int_equal(count, 1);
    assert_true(merges(other, "orders", &spool, &count, ERROR_NONE, ""));
    assert_int_equal(count, 1);
    AUTO(string_free) char *tip = xstrdup(gitstore_tip(other));
    assert_true(merges(other, "orders", &spool, &count, ERROR_NONE, ""));
    assert_int_equal(count, 0);
    assert_string_equal(gitstore_tip(other), tip);
    assert_int_equal(record_audit(other), 0);
    MUST(journal_read_run(other, "orders", RECORD_RUN, &files, &err));
    assert_int_equal(journal_progress_of(&files.state, "replicate/start"), PROGRESS_DONE);
    AUTO(journal_close) struct journal *next = journal_at(other);
    MUST(journal_resume(next, RECORD_RUN, "bob", &err));
    assert_true(merges(other, "orders", &spool, &count, ERROR_NONE, "")); /* also behind it */
}

static void it_is_known_whether_this_machine_has_it_anyhow(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(string_free) char *block = written(store);
    AUTO(gitstore_close) struct gitstore *other = elsewhere();
    AUTO(spool_clear) struct spool spool = { 0 };
    bool kept = false;
    assert_true(parses(block, &spool, NULL));
    MUST(spool_is_kept(store, &spool, &kept, &err));
    assert_true(kept);
    MUST(spool_is_kept(other, &spool, &kept, &err));
    assert_false(kept);
    AUTO(journal_close) struct journal *journal = journal_at(store);
    MUST(journal_resume(journal, RECORD_RUN, "ann", &err));
    size_t count = 1;
    MUST(spool_lacking(&(struct journal_reading){ store, "orders", NULL }, &spool, &count, &err));
    assert_int_equal(count, 0);
}

static void one_of_another_run_is_refused(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(spool_clear) struct spool spool = { 0 };
    size_t count = 0;
    {
        AUTO(string_free) char *block = written(store);
        assert_true(parses(block, &spool, NULL));
    }
    assert_false(merges(store, "stock", &spool, &count, ERROR_BLOCKED, "to migration 'orders'"));
    AUTO(gitstore_close) struct gitstore *other = elsewhere();
    string_replace(&spool.run, SECOND_RUN);
    assert_false(merges(other, "orders", &spool, &count, ERROR_BLOCKED, "does not have"));
    string_replace(&spool.run, RECORD_RUN);
    AUTO(journal_close) struct journal *next = journal_at(store);
    record_begin(next, SECOND_RUN);
    assert_false(merges(store, "orders", &spool, &count, ERROR_BLOCKED, "came after it"));
    string_replace(&spool.after, JOURNAL_NO_HASH);
    assert_false(merges(other, "orders", &spool, &count, ERROR_BLOCKED, "belong to this chain"));
    spool.after_seq = 7;
    assert_false(merges(other, "orders", &spool, &count, ERROR_BLOCKED, "ends at entry 2"));
}

static void one_that_the_run_went_on_without_is_older(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = run_with_an_intent(store);
    AUTO(spool_clear) struct spool spool = { 0 }, changed = { 0 };
    size_t count = 0;
    spool_of(journal, &spool);
    string_replace(&spool.entries.items[0].step, "replicate/follow");
    AUTO(string_free) char *block = spool_write(&spool);
    assert_true(parses(block, &changed, NULL));
    MUST(journal_commit(journal, "S05 replicate done", &err));
    assert_false(merges(store, "orders", &changed, &count, ERROR_STALE, "older than the record"));
}

static void one_whose_lock_was_taken_over_or_broken_is_refused(void **state) {
    (void)state;
    for (int broken = 0; broken < 3; broken++) {
        fresh(state);
        AUTO(gitstore_close) struct gitstore *store = store_at(repository);
        AUTO(string_free) char *block = written(store);
        AUTO(gitstore_close) struct gitstore *other = elsewhere();
        AUTO(spool_clear) struct spool spool = { 0 };
        AUTO(lock_record_clear) struct lock_record lock = { 0 };
        AUTO(journal_close) struct journal *next = NULL;
        size_t count = 0;
        assert_true(parses(block, &spool, NULL));
        MUST(journal_read_lock(other, "orders", &lock, &err));
        if (broken != 2)
            MUST(break_lock(other, lock.nonce, &err));
        if (broken == 0) {
            next = journal_at(other);
            MUST(journal_resume(next, RECORD_RUN, "bob", &err));
        }
        if (broken == 2) {
            const struct gitstore_change gone = { .path = "migrations/orders/lock.json" };
            MUST(gitstore_commit(other, &gone, 1, "ecmig(orders): gone\n", &err));
        }
        assert_false(merges(other, "orders", &spool, &count, ERROR_LOCK_LOST,
                            broken == 2 ? "is gone" : "taken over"));
    }
}

static void nothing_is_spooled_when_all_is_committed_or_the_lock_is_lost(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(gitstore_close) struct gitstore *other = NULL;
    AUTO(journal_close) struct journal *journal = run_with_an_intent(store);
    AUTO(spool_clear) struct spool spool = { 0 };
    AUTO(lock_record_clear) struct lock_record lock = { 0 };
    AUTO(error_clear) struct error failure = { 0 };
    assert_false(journal_spool(journal, &spool));
    other = store_at(repository);
    MUST(journal_read_lock(other, "orders", &lock, &err));
    MUST(break_lock(other, lock.nonce, &err));
    record_add(journal, JOURNAL_STEP_FINISHED, "replicate/start", "done");
    assert_false(journal_commit_outcome(journal, "S05 replicate done", &failure));
    assert_int_equal(failure.code, ERROR_LOCK_LOST);
    assert_false(journal_spool(journal, &spool));
}

/* ---- the wait before it ---- */

static void count_words(void *context, const char *words) {
    assert_non_null(strstr(words, "waiting up to"));
    ++*(int *)context;
}

static void an_outcome_waits_for_a_repository_that_comes_back(void **state) {
    (void)state;
    setenv("ECMIG_TEST_LOCK_MS", "30000", 1); /* five minutes become ten seconds */
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = NULL;
    int said = 0;
    const struct journal_patience patience = { .say = count_words, .context = &said };
    MUST(journal_open(store, "orders", "ann@build7", &patience, &journal, &err));
    record_begin(journal, RECORD_RUN);
    assert_true(shell("mv %s/.git/objects %s.away && (sleep 0.3; mv %s.away %s/.git/objects) &",
                      repository, repository, repository, repository));
    while (shell("test -e %s/.git/objects", repository))
        clock_sleep_ms(5);
    AUTO(json_free) struct json *data = json_new_object();
    json_put_string(data, "state", "waiting");
    MUST(journal_record_outcome(journal, "goes on",
                                &(struct journal_fact){ .type = JOURNAL_CHECKPOINT, .data = data },
                                &err));
    assert_int_equal(said, 1);
    assert_int_equal(record_audit(store), 0);
    unsetenv("ECMIG_TEST_LOCK_MS");
}

static void an_outcome_stops_waiting_when_somebody_wants_to_stop(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(journal_close) struct journal *journal = NULL;
    AUTO(stop_close) struct stop *stop = NULL;
    AUTO(error_clear) struct error failure = { 0 };
    MUST(stop_open(0, &stop, &err));
    const struct journal_patience patience = { .stop = stop };
    MUST(journal_open(store, "orders", "ann@build7", &patience, &journal, &err));
    record_begin(journal, RECORD_RUN);
    assert_true(shell("mv %s/.git/objects %s.away", repository, repository));
    record_add(journal, JOURNAL_CHECKPOINT, NULL, "waiting");
    (void)kill(getpid(), SIGTERM);
    assert_false(journal_commit_outcome(journal, "goes on", &failure));
    assert_int_equal(failure.code, ERROR_NOT_RECORDED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_a_log_adds_to_its_lines_does_not_matter, fresh),
        cmocka_unit_test_setup(the_last_of_several_counts, fresh),
        cmocka_unit_test_setup(any_damage_is_noticed, fresh),
        cmocka_unit_test_setup(the_lock_stands_in_it_only_as_a_digest, fresh),
        cmocka_unit_test_setup(it_is_merged_once_from_anywhere_and_frees_the_lock, fresh),
        cmocka_unit_test_setup(it_is_known_whether_this_machine_has_it_anyhow, fresh),
        cmocka_unit_test_setup(one_of_another_run_is_refused, fresh),
        cmocka_unit_test_setup(one_that_the_run_went_on_without_is_older, fresh),
        cmocka_unit_test_setup(one_whose_lock_was_taken_over_or_broken_is_refused, fresh),
        cmocka_unit_test_setup(nothing_is_spooled_when_all_is_committed_or_the_lock_is_lost, fresh),
        cmocka_unit_test_setup(an_outcome_waits_for_a_repository_that_comes_back, fresh),
        cmocka_unit_test_setup(an_outcome_stops_waiting_when_somebody_wants_to_stop, fresh),
    };
    if (!repositories_open())
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return repositories_close() ? failed : 1;
}
