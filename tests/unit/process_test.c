#include <fcntl.h>
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

#include "providers/process/process.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/secret.h"
#include "schemas/config/config.h"

#define LONG_MS 30000

/* sh -c script */
static bool run(const char *script, size_t ceiling_bytes, int64_t within_ms,
                struct process_result *result, struct error *err) {
    AUTO(strings_clear) struct strings command = { 0 };
    AUTO(strings_clear) struct strings added = { 0 };
    strings_add(&command, "sh");
    strings_add(&command, "-c");
    strings_add(&command, script);
    strings_add(&added, "ECMIG_STEP=S10");
    strings_add(&added, "ECMIG_TEST=new");
    const struct process_options options = { .command = &command,
                                             .environment = &added,
                                             .folder = "/",
                                             .output_ceiling_bytes = ceiling_bytes,
                                             .deadline_mono_ms = clock_mono_ms() + within_ms };
    return process_run(&options, result, err);
}

static void assert_output(const char *script, int status, const char *output) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(process_result_clear) struct process_result result = { 0 };
    assert_true(run(script, 0, LONG_MS, &result, &err));
    assert_int_equal(result.status, status);
    assert_string_equal(text_string(&result.output), output);
}

static void output_status_folder_and_environment_are_as_told(void **state) {
    (void)state;
    (void)setenv("ECMIG_TEST", "old", 1);
    assert_output("echo out; echo err >&2; exit 3", 3, "out\nerr\n");
    assert_output("pwd; echo $ECMIG_STEP $ECMIG_TEST", 0, "/\nS10 new\n");
    assert_output("kill -TERM $$", 128 + 15, "");
    assert_output("read line || echo no input", 0, "no input\n");
}

static void nothing_of_ours_is_left_open_in_it(void **state) {
    (void)state;
    int fd = open("/dev/null", O_RDONLY);
    assert_true(fd > 2);
    assert_output("ls /proc/self/fd | grep -vx '[0-3]' || true", 0, "");
    (void)close(fd);
}

static void it_gets_no_signal_settings_of_ours(void **state) {
    (void)state;
    sigset_t blocked, before;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGINT);
    (void)sigaddset(&blocked, SIGTERM);
    (void)sigaddset(&blocked, SIGHUP);
    (void)sigaddset(&blocked, SIGRTMIN);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGUSR1, SIG_IGN);
    assert_output("grep -E '^Sig(Blk|Ign)' /proc/self/status", 0,
                  "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    assert_output("yes | head -1", 0, "y\n");
    assert_output("kill -TERM $$; echo it went on", 128 + 15, "");
    (void)signal(SIGPIPE, SIG_DFL);
    (void)signal(SIGUSR1, SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
}

static void a_missing_program_is_told_from_one_that_cannot_run(void **state) {
    (void)state;
    AUTO(strings_clear) struct strings command = { 0 };
    strings_add(&command, "./no-such-hook");
    struct process_options options = { .command = &command,
                                       .deadline_mono_ms = clock_mono_ms() + LONG_MS };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(process_result_clear) struct process_result result = { 0 };
    assert_false(process_run(&options, &result, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    string_replace(&command.items[0], "/etc/passwd");
    assert_false(process_run(&options, &result, &err));
    assert_int_equal(err.code, ERROR_IO);
}

static void one_that_does_not_end_is_killed_with_its_children(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(process_result_clear) struct process_result result = { 0 };
    assert_false(
        run("echo waiting for $ECMIG_STEP; sleep 1000 & sleep 1000", 0, 300, &result, &err));
    assert_int_equal(err.code, ERROR_DEADLINE);
    assert_non_null(strstr(err.message, "waiting for S10"));
}

/* A daemon: a session of its own, its parent gone, the pipe held open. Its pid goes into the file.
 */
#define DAEMON "setsid sh -c '(sh -c \"echo \\$\\$ >>%s; exec sleep 300\" &)' "

static bool lives(long pid) {
    AUTO(string_free) char *path = xasprintf("/proc/%ld/cmdline", pid);
    AUTO(text_clear) struct text line = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    return file_read(path, 4096, &line, &err) && line.length > 0; /* a zombie has none */
}

/* All that is in the file, waited for a while, is gone. */
static void assert_gone(const char *path, size_t count) {
    AUTO(text_clear) struct text pids = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    size_t seen = 0;
    assert_true(file_read(path, 4096, &pids, &err));
    char *rest = pids.bytes;
    for (char *line = strtok_r(pids.bytes, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        for (int i = 0; lives(strtol(line, NULL, 10)) && i < 400; i++)
            clock_sleep_ms(5);
        assert_false(lives(strtol(line, NULL, 10)));
        seen++;
    }
    assert_int_equal(seen, count);
}

static void a_daemon_of_it_is_killed_too(void **state) {
    (void)state;
    char path[] = "/tmp/ecmig-pids-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    AUTO(error_clear) struct error err = { 0 };
    AUTO(process_result_clear) struct process_result result = { 0 };
    AUTO(string_free)
    char *script = xasprintf(DAEMON "& " DAEMON "& while :; do sleep 0.05; done", path, path);
    int64_t start_mono_ms = clock_mono_ms();
    assert_false(run(script, 0, 1500, &result, &err));
    assert_int_equal(err.code, ERROR_DEADLINE);
    assert_true(clock_mono_ms() - start_mono_ms < 10000);
    assert_gone(path, 2);
    assert_int_equal(unlink(path), 0);
}

static void all_of_it_ends_when_we_are_killed(void **state) {
    (void)state;
    char path[] = "/tmp/ecmig-pids-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    pid_t we = fork();
    if (we == 0) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(process_result_clear) struct process_result result = { 0 };
        AUTO(string_free)
        char *script = xasprintf(DAEMON "& echo $$ >>%s; sleep 300", path, path);
        (void)!run(script, 0, LONG_MS, &result, &err);
        _exit(1);
    }
    for (size_t lines = 0, i = 0; i < 2000 && lines < 2; i++) {
        AUTO(text_clear) struct text pids = { 0 };
        AUTO(error_clear) struct error err = { 0 };
        clock_sleep_ms(5);
        assert_true(file_read(path, 4096, &pids, &err));
        lines = 0;
        for (const char *at = text_string(&pids); (at = strchr(at, '\n')); at++)
            lines++;
    }
    (void)close(fd);
    assert_int_equal(kill(we, SIGKILL), 0);
    assert_int_equal(waitpid(we, NULL, 0), we);
    assert_gone(path, 2);
    assert_int_equal(unlink(path), 0);
}

static void what_it_leaves_in_the_background_is_not_waited_for(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(process_result_clear) struct process_result result = { 0 };
    int64_t start_mono_ms = clock_mono_ms();
    assert_true(run("sleep 20 & echo $!", 0, LONG_MS, &result, &err));
    assert_true(clock_mono_ms() - start_mono_ms < 15000);
    AUTO(string_free) char *stop = xasprintf("kill %s", text_string(&result.output));
    assert_output(stop, 0, "");
}

static void endless_output_is_bounded_and_said(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(process_result_clear) struct process_result result = { 0 };
    assert_true(run("head -c 1000000 /dev/zero | tr '\\0' x", 1000, LONG_MS, &result, &err));
    assert_true(result.output.length > 1000 && result.output.length < 1200);
    assert_non_null(strstr(result.output.bytes, "[999000 bytes more were dropped]"));
}

static void assert_secret(const struct config_secret *reference, const char *expected) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(secret_free) struct secret *secret = NULL;
    assert_int_equal(process_secret(reference, "/tmp", "source.password", &secret, &err),
                     expected != NULL);
    if (expected)
        assert_string_equal(secret_bytes(secret), expected);
    else
        assert_null(strstr(err.message, "canary"));
}

static void secrets_come_from_environment_file_and_program(void **state) {
    (void)state;
    struct config_secret env = { .env = "ECMIG_TEST_SECRET" };
    assert_secret(&env, NULL);
    (void)setenv("ECMIG_TEST_SECRET", "from env", 1);
    assert_secret(&env, "from env");

    char path[] = "/tmp/ecmig-secret-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "from file\n\n", 11), 11);
    (void)close(fd);
    struct config_secret file = { .file = path + strlen("/tmp/") };
    assert_secret(&file, "from file\n");
    (void)unlink(path);
    assert_secret(&file, NULL);

    struct config_secret program = { 0 };
    strings_add(&program.exec, "sh");
    strings_add(&program.exec, "-c");
    strings_add(&program.exec, "echo from program");
    assert_secret(&program, "from program");
    string_replace(&program.exec.items[2], "echo canary; exit 4");
    assert_secret(&program, NULL);
    string_replace(&program.exec.items[2], "true");
    assert_secret(&program, NULL);
    strings_clear(&program.exec);

    AUTO(error_clear) struct error err = { 0 };
    AUTO(secret_free) struct secret *none = NULL;
    assert_true(process_secret(&program, "/", "source.password", &none, &err));
    assert_null(none);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_status_folder_and_environment_are_as_told),
        cmocka_unit_test(nothing_of_ours_is_left_open_in_it),
        cmocka_unit_test(it_gets_no_signal_settings_of_ours),
        cmocka_unit_test(a_missing_program_is_told_from_one_that_cannot_run),
        cmocka_unit_test(one_that_does_not_end_is_killed_with_its_children),
        cmocka_unit_test(a_daemon_of_it_is_killed_too),
        cmocka_unit_test(all_of_it_ends_when_we_are_killed),
        cmocka_unit_test(what_it_leaves_in_the_background_is_not_waited_for),
        cmocka_unit_test(endless_output_is_bounded_and_said),
        cmocka_unit_test(secrets_come_from_environment_file_and_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
