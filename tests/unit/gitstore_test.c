#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "providers/gitstore/gitstore.h"
#include "schemas/base/digest.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "tests/support/repository.h"

static bool put(struct gitstore *store, const char *path, const char *words, struct error *err) {
    struct gitstore_change change = { path, words, words ? strlen(words) : 0 };
    return gitstore_commit(store, &change, 1, "test: put\n", err);
}

static void must_put(struct gitstore *store, const char *path, const char *words) {
    AUTO(error_clear) struct error err = { 0 };
    if (!put(store, path, words, &err))
        fail_msg("%s", err.message);
}

static void a_store_that_does_not_exist_is_empty_and_is_made_by_the_first_commit(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(text_clear) struct text read = { 0 };
    AUTO(strings_clear) struct strings names = { 0 };
    assert_string_equal(gitstore_tip(store), "");
    assert_false(path_exists(repository));
    assert_false(gitstore_read(store, "a/b", &read, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    assert_true(gitstore_list(store, "a", &names, &err));
    assert_int_equal(names.count, 0);
    must_put(store, "a/b", "words");
    must_put(store, "a/c", "more");
    assert_true(gitstore_read(store, "a/b", &read, &err));
    assert_string_equal(text_string(&read), "words");
    assert_true(gitstore_list(store, "a", &names, &err));
    assert_int_equal(names.count, 2);
    assert_string_equal(names.items[1], "c");
    assert_true(shell("cd %s && git fsck --strict >/dev/null 2>&1", repository));
    assert_true(shell("cd %s && test -z \"$(git status --porcelain)\"", repository));
    assert_true(shell("test \"$(cat %s/a/c)\" = more", repository));
    assert_true(shell("test \"$(git -C %s symbolic-ref HEAD)\" = refs/heads/main", repository));
}

/* 70 MiB of one letter are a pack of some kilobytes. */
static void a_huge_object_is_not_unpacked(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(text_clear) struct text read = { 0 };
    must_put(store, "a/small", "words");
    assert_true(shell("cd %s && head -c 70000000 /dev/zero | tr '\\0' x >../huge && "
                      "blob=$(git hash-object -w ../huge) && "
                      "git update-index --add --cacheinfo 100644,$blob,a/huge && "
                      "git -c user.name=e -c user.email=e@h commit -qm huge && rm ../huge",
                      repository));
    AUTO(gitstore_close) struct gitstore *again = store_at(repository);
    assert_true(gitstore_read(again, "a/small", &read, &err));
    assert_false(gitstore_read(again, "a/huge", &read, &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    error_clear(&err);
    assert_true(shell("cd %s && head -c 70000000 /dev/zero | tr '\\0' x | "
                      "git -c user.name=e -c user.email=e@h commit -q --allow-empty -F -",
                      repository));
    AUTO(gitstore_close) struct gitstore *last = store_at(repository);
    assert_false(gitstore_read(last, "a/small", &read, &err));
    assert_non_null(strstr(err.message, "larger than 64 MiB"));
}

static void a_removed_file_leaves_no_empty_folder(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    must_put(store, "keep", "1");
    must_put(store, "a/b/c", "1");
    must_put(store, "a/b/c", NULL);
    must_put(store, "a/b/never", NULL);
    assert_false(shell("test -e %s/a", repository));
    assert_true(shell("cd %s && test -z \"$(git status --porcelain)\"", repository));
    assert_true(shell("cd %s && test \"$(git ls-tree -r --name-only main)\" = keep", repository));
}

static void nothing_is_written_through_a_link(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    assert_true(shell("mkdir %s.out && echo mine >%s.out/file", repository, repository));
    must_put(store, "a/file", "1");
    must_put(store, "b/c/file", "1");
    /* One in place of a folder, of one further up, and of a file. */
    assert_true(shell("cd %s && rm -r a b && ln -s %s.out a && mkdir b && ln -s %s.out b/c",
                      repository, repository, repository));
    must_put(store, "a/file", "2");
    must_put(store, "b/c/file", "2");
    assert_true(shell("cd %s && rm a/file && ln -s %s.out/file a/file", repository, repository));
    must_put(store, "a/file", "3");
    assert_true(shell("test \"$(cat %s.out/file)\" = mine", repository));
    assert_true(shell("cd %s && test \"$(cat a/file)\" = 3 && test ! -L a/file && test ! -L a",
                      repository));
    /* Nor is anything removed through one. */
    assert_true(shell("cd %s && rm -r a && ln -s %s.out a", repository, repository));
    must_put(store, "a/file", NULL);
    assert_true(shell("test \"$(cat %s.out/file)\" = mine", repository));
}

static void a_link_or_an_executable_that_was_pushed_is_not_shown(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    must_put(store, "a/file", "1");
    assert_true(shell("git clone -q %s %s.clone && cd %s.clone && ln -s /etc a/etc && "
                      "echo x >a/run && chmod +x a/run && echo y >a/plain && git add -A && "
                      "git -c user.name=a -c user.email=a@b commit -qm more",
                      repository, repository, repository));
    assert_true(shell("git -C %s fetch -q %s.clone main:taken && cd %s && "
                      "git update-ref refs/heads/main taken",
                      repository, repository, repository));
    MUST(gitstore_refresh(store, &err));
    must_put(store, "a/file", "2");
    gitstore_hurry(store, true);
    must_put(store, "a/file", "2");
    gitstore_hurry(store, false);
    must_put(store, "a/file", "2");
    assert_true(shell("test \"$(cat %s/a/plain)\" = y", repository));
    assert_false(shell("test -e %s/a/etc -o -L %s/a/etc -o -e %s/a/run", repository, repository,
                       repository));
    assert_true(shell("test \"$(cat %s/a/file)\" = 2", repository));
}

static void commits_in_a_hurry_are_whole_and_the_work_tree_follows_later(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(text_clear) struct text read = { 0 };
    gitstore_hurry(store, true);
    must_put(store, "a/b/one", "1");
    must_put(store, "a/b/two", "2");
    must_put(store, "a/b/one", NULL);
    assert_true(gitstore_read(store, "a/b/two", &read, &err));
    assert_string_equal(text_string(&read), "2");
    assert_true(shell("test -z \"$(git -C %s fsck --full 2>&1 | grep -v '^Checking\\|^notice')\"",
                      repository));
    assert_true(shell("test $(git -C %s rev-list --count --objects main) -gt 8", repository));
    assert_false(shell("test -e %s/a", repository));
    /* Another process, as after a crash, finds what was left behind. */
    AUTO(gitstore_close) struct gitstore *other = store_at(repository);
    must_put(other, "c", "3");
    assert_true(shell("test -z \"$(git -C %s status --porcelain)\" && cat %s/a/b/two >/dev/null",
                      repository, repository));
}

static void a_folder_with_files_is_refused_and_an_empty_one_is_not(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    struct gitstore *refused = NULL;
    assert_true(shell("mkdir %s && touch %s/file", repository, repository));
    assert_false(gitstore_open(repository, "main", &refused, &err));
    assert_int_equal(err.code, ERROR_IO);
    assert_null(refused);
    assert_true(shell("rm %s/file", repository));
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    must_put(store, "a", "1");
}

static void a_repository_around_the_folder_is_left_alone(void **state) {
    (void)state;
    assert_true(shell("git init -q %s", repository));
    AUTO(string_free) char *inner = path_join(repository, "state");
    AUTO(gitstore_close) struct gitstore *store = store_at(inner);
    must_put(store, "a", "1");
    assert_true(shell("test -d %s/.git", inner));
}

static void a_bare_repository_and_another_checked_out_branch_get_no_work_tree(void **state) {
    (void)state;
    assert_true(shell("git init -q --bare %s", repository));
    AUTO(gitstore_close) struct gitstore *bare = store_at(repository);
    must_put(bare, "a", "1");
    assert_false(shell("test -e %s/a", repository));
    AUTO(string_free) char *other = xasprintf("%s-other", repository);
    assert_true(shell("git init -q -b work %s", other));
    AUTO(gitstore_close) struct gitstore *store = store_at(other);
    must_put(store, "a", "1");
    assert_false(shell("test -e %s/a", other));
    assert_true(shell("git -C %s cat-file -e main:a", other));
}

static void a_commit_on_an_old_tip_is_a_conflict_and_writes_nothing(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(gitstore_close) struct gitstore *one = store_at(repository);
    AUTO(gitstore_close) struct gitstore *two = store_at(repository);
    must_put(one, "a", "1");
    assert_false(put(two, "b", "2", &err)); /* both began on nothing */
    assert_int_equal(err.code, ERROR_CONFLICT);
    error_clear(&err);
    assert_true(gitstore_refresh(two, &err));
    must_put(two, "b", "2");
    assert_false(put(one, "c", "3", &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    error_clear(&err);
    assert_true(gitstore_refresh(one, &err));
    assert_string_equal(gitstore_tip(one), gitstore_tip(two));
    assert_true(shell("test \"$(git -C %s rev-list --count main)\" = 2", repository));
}

static void write_ten(int writer) {
    for (int i = 0; i < 10; i++) {
        struct gitstore *store = store_at(repository);
        AUTO(string_free) char *path = xasprintf("w%d/%d", writer, i);
        for (;;) {
            AUTO(error_clear) struct error err = { 0 };
            if (put(store, path, "same", &err))
                break;
            if (err.code != ERROR_CONFLICT || !gitstore_refresh(store, &err))
                _exit(1);
        }
        gitstore_close(store);
    }
    _exit(0);
}

static void four_processes_of_ten_commits_lose_none(void **state) {
    (void)state;
    pid_t writers[4];
    for (int i = 0; i < 4; i++) {
        writers[i] = fork();
        if (writers[i] == 0)
            write_ten(i);
    }
    for (int i = 0; i < 4; i++) {
        int status = -1;
        assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
        assert_int_equal(status, 0);
    }
    assert_true(shell("test \"$(git -C %s rev-list --count main)\" = 40", repository));
    assert_true(shell("test \"$(git -C %s ls-tree -r main | wc -l)\" = 40", repository));
    assert_true(shell("cd %s && git fsck --strict >/dev/null 2>&1", repository));
    assert_true(shell("cd %s && test -z \"$(git status --porcelain)\"", repository));
}

static void killed_at_any_moment_a_writer_blocks_nobody(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *first = store_at(repository);
    must_put(first, "a", "1");
    for (int i = 0; i < 30; i++) {
        pid_t child = fork();
        if (child == 0) {
            struct gitstore *store = store_at(repository);
            for (int k = 0;; k++) {
                AUTO(error_clear) struct error err = { 0 };
                AUTO(string_free) char *path = xasprintf("child/%d", k % 5);
                AUTO(string_free) char *words = xasprintf("%d %d", i, k);
                if (!put(store, path, words, &err))
                    _exit(1);
            }
        }
        usleep((useconds_t)(3000 + i * 700));
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        AUTO(gitstore_close) struct gitstore *store = store_at(repository);
        must_put(store, "after", i % 2 ? "odd" : "even");
        assert_true(shell("cd %s && test -z \"$(git status --porcelain)\"", repository));
    }
    assert_true(shell("cd %s && git fsck --strict >/dev/null 2>&1", repository));
}

static void a_dead_writers_lock_files_are_removed(void **state) {
    (void)state;
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    must_put(store, "a", "1");
    assert_true(shell("cd %s/.git && printf 1 >ecmig/turn && touch refs/heads/main.lock index.lock",
                      repository));
    must_put(store, "b", "2");
    assert_true(shell("cd %s && test -z \"$(git status --porcelain)\" && test -e b", repository));
}

static void somebody_elses_lock_file_is_an_error_that_names_it(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    must_put(store, "a", "1");
    assert_true(shell("touch %s/.git/refs/heads/main.lock", repository));
    assert_false(put(store, "b", "2", &err));
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.hint, "main.lock"));
    const char *named = strchr(err.hint, '/'); /* what the hint names is what stands in the way */
    assert_true(shell("rm %.*s", (int)strcspn(named, " "), named));
    must_put(store, "b", "2");
}

static void a_full_disk_leaves_the_branch_where_it_was(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    AUTO(text_clear) struct text read = { 0 };
    must_put(store, "a", "1");
    AUTO(string_free) char *tip = xstrdup(gitstore_tip(store));
    AUTO(string_free) char *big = random_hex(1 << 20);
    struct rlimit old, small = { 4096, RLIM_INFINITY };
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool written = put(store, "big", big, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_false(written);
    assert_int_equal(err.code, ERROR_IO);
    assert_true(gitstore_refresh(store, &err));
    assert_string_equal(gitstore_tip(store), tip);
    must_put(store, "small", "1");
    assert_true(gitstore_read(store, "a", &read, &err));
}

struct seen {
    int count, stop_after;
};

static bool count_commit(void *context, const struct gitstore_log_entry *entry) {
    struct seen *seen = context;
    assert_int_equal(strlen(entry->id), 40);
    assert_string_equal(entry->message, "test: put\n");
    return ++seen->count != seen->stop_after;
}

static void the_log_keeps_to_its_folder(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    struct seen none = { 0 }, all = { 0 }, some = { 0 }, first = { .stop_after = 1 };
    assert_true(gitstore_log(store, NULL, count_commit, &none, &err));
    must_put(store, "a/1", "1");
    must_put(store, "b/1", "1");
    must_put(store, "a/2", "1");
    must_put(store, "a/2", NULL);
    assert_true(gitstore_log(store, NULL, count_commit, &all, &err));
    assert_true(gitstore_log(store, "a", count_commit, &some, &err));
    assert_true(gitstore_log(store, "a", count_commit, &first, &err));
    assert_int_equal(none.count, 0);
    assert_int_equal(all.count, 4);
    assert_int_equal(some.count, 3);
    assert_int_equal(first.count, 1);
}

/* What was walked is not read again: it could not be, its commits are gone. */
static void a_head_that_was_walked_is_not_walked_again(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(gitstore_close) struct gitstore *store = store_at(repository);
    struct seen before = { 0 }, again = { 0 }, more = { 0 };
    must_put(store, "a/1", "1");
    must_put(store, "a/2", "2");
    assert_true(gitstore_log(store, "a", count_commit, &before, &err));
    AUTO(string_free) char *first = NULL;
    assert_true(gitstore_root(store, &first, &err));
    assert_true(shell("cd %s/.git/objects && rm -f %.2s/%s", repository, first, first + 2));
    assert_true(gitstore_log(store, "a", count_commit, &again, &err));
    must_put(store, "a/3", "3");
    assert_true(gitstore_log(store, "a", count_commit, &more, &err));
    assert_int_equal(before.count, 2);
    assert_int_equal(again.count, 2);
    assert_int_equal(more.count, 3);
    AUTO(gitstore_close) struct gitstore *other = store_at(repository);
    assert_false(gitstore_log(other, "a", count_commit, &more, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_store_that_does_not_exist_is_empty_and_is_made_by_the_first_commit,
                               fresh),
        cmocka_unit_test_setup(a_huge_object_is_not_unpacked, fresh),
        cmocka_unit_test_setup(a_removed_file_leaves_no_empty_folder, fresh),
        cmocka_unit_test_setup(nothing_is_written_through_a_link, fresh),
        cmocka_unit_test_setup(a_link_or_an_executable_that_was_pushed_is_not_shown, fresh),
        cmocka_unit_test_setup(commits_in_a_hurry_are_whole_and_the_work_tree_follows_later, fresh),
        cmocka_unit_test_setup(a_folder_with_files_is_refused_and_an_empty_one_is_not, fresh),
        cmocka_unit_test_setup(a_repository_around_the_folder_is_left_alone, fresh),
        cmocka_unit_test_setup(a_bare_repository_and_another_checked_out_branch_get_no_work_tree,
                               fresh),
        cmocka_unit_test_setup(a_commit_on_an_old_tip_is_a_conflict_and_writes_nothing, fresh),
        cmocka_unit_test_setup(four_processes_of_ten_commits_lose_none, fresh),
        cmocka_unit_test_setup(killed_at_any_moment_a_writer_blocks_nobody, fresh),
        cmocka_unit_test_setup(a_dead_writers_lock_files_are_removed, fresh),
        cmocka_unit_test_setup(somebody_elses_lock_file_is_an_error_that_names_it, fresh),
        cmocka_unit_test_setup(a_full_disk_leaves_the_branch_where_it_was, fresh),
        cmocka_unit_test_setup(the_log_keeps_to_its_folder, fresh),
        cmocka_unit_test_setup(a_head_that_was_walked_is_not_walked_again, fresh),
    };
    if (!repositories_open())
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return repositories_close() ? failed : 1;
}
