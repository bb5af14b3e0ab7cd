#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "cmd/frame/options.h"
#include "cmd/frame/output.h"

/* What is written to stderr between begin and end, with stderr a pipe or a terminal. */
struct capture {
    int reader, saved;
    char bytes[4096];
};

static void begin(struct capture *capture, int reader, int writer) {
    capture->reader = reader;
    capture->saved = dup(STDERR_FILENO);
    assert_int_equal(dup2(writer, STDERR_FILENO), STDERR_FILENO);
    close(writer);
}

/* Until nothing more comes: a terminal hands over what was written a moment later. */
static const char *end(struct capture *capture) {
    struct pollfd wait = { .fd = capture->reader, .events = POLLIN };
    size_t length = 0;
    ssize_t got = 1;
    assert_int_equal(dup2(capture->saved, STDERR_FILENO), STDERR_FILENO);
    while (got > 0 && length < sizeof capture->bytes - 1 && poll(&wait, 1, 300) > 0) {
        got = read(capture->reader, capture->bytes + length, sizeof capture->bytes - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    capture->bytes[length] = '\0';
    close(capture->saved);
    close(capture->reader);
    return capture->bytes;
}

static void begin_pipe(struct capture *capture) {
    int ends[2] = { 0 };
    assert_int_equal(pipe(ends), 0);
    begin(capture, ends[0], ends[1]);
}

static void begin_terminal(struct capture *capture, unsigned short columns) {
    struct winsize size = { .ws_col = columns, .ws_row = 24 };
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0);
    assert_int_equal(grantpt(terminal), 0);
    assert_int_equal(unlockpt(terminal), 0);
    int line = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    assert_true(line >= 0);
    assert_int_equal(ioctl(line, TIOCSWINSZ, &size), 0);
    begin(capture, terminal, line);
}

static struct output *configured(char *const *words, size_t count) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(options_free) struct options *options = options_new(NULL, 0, "test");
    struct output *output = output_new();
    size_t used = 0;
    assert_true(options_parse(options, count, words, false, &used, &err));
    output_configure(output, options);
    return output;
}

static void progress_in_a_log_is_a_line_for_each_state(void **state) {
    (void)state;
    struct capture capture = { 0 };
    begin_pipe(&capture);
    AUTO(output_free) struct output *output = configured(NULL, 0);
    output_progress(output, PROGRESS_STATE, "[S05 5/14] replicate");
    output_progress(output, PROGRESS_MEASURE, "10 %%");
    output_progress(output, PROGRESS_MEASURE, "20 %%");
    output_progress(output, PROGRESS_STATE, "[S06 6/14] hold");
    output_progress_end(output);
    assert_string_equal(end(&capture), "[S05 5/14] replicate\n[S06 6/14] hold\n");
}

static void progress_on_a_terminal_is_one_line_that_fits(void **state) {
    (void)state;
    struct capture capture = { 0 };
    setenv("TERM", "xterm", 1);
    begin_terminal(&capture, 11);
    AUTO(output_free) struct output *output = configured(NULL, 0);
    output_progress(output, PROGRESS_STATE, "0123456789abc");
    output_progress(output, PROGRESS_STATE, "\xc3\xa4\xc3\xa4");
    output_say(output, "said");
    assert_string_equal(end(&capture),
                        "\r\033[K0123456789\r\033[K\xc3\xa4\xc3\xa4\r\033[Ksaid\r\n");
}

static bool answered(struct capture *capture, struct output *output, const char *answer) {
    assert_int_equal(write(capture->reader, answer, strlen(answer)), (ssize_t)strlen(answer));
    return output_ask(output, "Go on?", NULL);
}

static void only_yes_on_a_terminal_is_yes(void **state) {
    (void)state;
    struct capture capture = { 0 };
    char *const no_input[] = { (char *)"--no-input" };
    int input = dup(STDIN_FILENO);
    begin_terminal(&capture, 80);
    assert_int_equal(dup2(STDERR_FILENO, STDIN_FILENO), STDIN_FILENO);
    AUTO(output_free) struct output *output = configured(NULL, 0);
    assert_true(answered(&capture, output, "yes\n"));
    assert_false(answered(&capture, output, "y\n"));
    assert_false(answered(&capture, output, "yes!\n"));
    assert_false(answered(&capture, output, "\n"));
    AUTO(output_free) struct output *silent = configured(no_input, 1);
    assert_false(output_ask(silent, "Go on?", NULL));
    assert_non_null(strstr(end(&capture), "Go on? Only 'yes' is accepted."));
    assert_int_equal(dup2(input, STDIN_FILENO), STDIN_FILENO);
    close(input);
}

static void errors_show_their_hint_and_steer_no_terminal(void **state) {
    (void)state;
    struct capture capture = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    error_set(&err, ERROR_REFUSED, "it said '%s'", "\033[2J\302\2332J\302\240");
    (void)error_hint(&err, "do this\nthen that");
    begin_pipe(&capture);
    AUTO(output_free) struct output *output = configured(NULL, 0);
    output_error(output, &err, EXIT_CLASS_ERROR);
    assert_string_equal(end(&capture),
                        "ecmig: it said '\\x1b[2J\\u009b2J\302\240'\n  do this\n  then that\n");
}

/* On stdout as on stderr; a page that was rendered has colours of its own. */
static void results_steer_no_terminal(void **state) {
    (void)state;
    struct capture capture = { 0 };
    int saved = dup(STDOUT_FILENO);
    begin_pipe(&capture);
    AUTO(output_free) struct output *output = configured(NULL, 0);
    assert_int_equal(dup2(STDERR_FILENO, STDOUT_FILENO), STDOUT_FILENO);
    output_text(output, "a hook said '\033]0;x\a'\n");
    output_textf(output, "%s\n", "\r\x7f");
    output_rendered(output, "\033[1mbold\033[0m\n");
    assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
    close(saved);
    assert_string_equal(end(&capture), "a hook said '\\x1b]0;x\\x07'\n\\x0d\\x7f\n"
                                       "\033[1mbold\033[0m\n");
}

static void errors_are_objects_for_readers_of_json(void **state) {
    (void)state;
    struct capture capture = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    error_set(&err, ERROR_LOCKED, "held by '\x7f'");
    begin_pipe(&capture);
    char *words[] = { (char[]){ "--format=json" }, (char[]){ "--quiet" } };
    AUTO(output_free) struct output *output = configured(words, COUNT(words));
    output_say(output, "not heard");
    output_detail(output, "nor this");
    output_progress(output, PROGRESS_STATE, "nor that");
    output_error(output, &err, EXIT_CLASS_LOCKED);
    assert_string_equal(end(&capture),
                        "{\"error\":{\"class\":\"locked\",\"code\":\"locked\",\"exit_code\":5,"
                        "\"message\":\"held by '\x7f'\"}}\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_in_a_log_is_a_line_for_each_state),
        cmocka_unit_test(progress_on_a_terminal_is_one_line_that_fits),
        cmocka_unit_test(only_yes_on_a_terminal_is_yes),
        cmocka_unit_test(errors_show_their_hint_and_steer_no_terminal),
        cmocka_unit_test(results_steer_no_terminal),
        cmocka_unit_test(errors_are_objects_for_readers_of_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
