#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schemas/base/clock.h"
#include "schemas/base/digest.h"
#include "schemas/base/error.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/secret.h"
#include "schemas/base/text.h"
#include "schemas/base/units.h"
#include "schemas/base/url.h"

static void units_are_read_as_written(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool valid;
        int64_t value;
    } sizes[] = {
        { "64KiB", true, 65536 },
        { "1GiB", true, 1 << 30 },
        { "12", true, 12 },
        { "64KB", false, 0 },
        { "", false, 0 },
        { "-1", false, 0 },
        { "1.5GiB", false, 0 },
        { "9223372036854775807", true, INT64_MAX },
        { "9223372036854775808", false, 0 },
        { "9007199254740993KiB", false, 0 },
    };
    for (size_t i = 0; i < COUNT(sizes); i++) {
        int64_t value = -7;
        assert_int_equal(units_parse_bytes(sizes[i].text, &value), sizes[i].valid);
        assert_int_equal(value, sizes[i].valid ? sizes[i].value : -7);
    }
    int64_t ms = 0;
    assert_true(units_parse_duration("2m", &ms));
    assert_int_equal(ms, 120000);
    assert_false(units_parse_duration("2", &ms));
}

static void units_are_shown_as_read(void **state) {
    (void)state;
    AUTO(text_clear) struct text text = { 0 };
    units_add_bytes(&text, 44238000000);
    text_add_char(&text, ' ');
    units_add_bytes(&text, 268435456);
    text_add_char(&text, ' ');
    units_add_duration(&text, 220000);
    text_add_char(&text, ' ');
    units_add_duration(&text, 120000);
    text_add_char(&text, ' ');
    units_add_count(&text, -1234567);
    assert_string_equal(text_string(&text), "41.2 GiB 256 MiB 3m40s 2 min -1,234,567");
}

static bool is_called_off(void *context) {
    return *(const bool *)context;
}

static void who_only_looks_may_be_called_off(void **state) {
    (void)state;
    bool called_off = false;
    int64_t deadline_mono_ms = clock_mono_ms() + 3600000;
    assert_false(clock_called_off());
    assert_true(clock_slice_ms(deadline_mono_ms) > CLOCK_SLICE_MS);
    clock_watch(is_called_off, &called_off);
    assert_int_equal(clock_slice_ms(deadline_mono_ms), CLOCK_SLICE_MS);
    assert_true(clock_left_ms(deadline_mono_ms) > CLOCK_SLICE_MS);
    called_off = true;
    assert_int_equal(clock_slice_ms(deadline_mono_ms), 0);
    assert_int_equal(clock_left_ms(deadline_mono_ms), 0);
    clock_watch(NULL, NULL);
    assert_true(clock_left_ms(deadline_mono_ms) > CLOCK_SLICE_MS);
}

static void what_is_no_file_is_written_into_and_stays(void **state) {
    (void)state;
    char folder[] = "/tmp/ecmig-base.XXXXXX", got[8] = "";
    AUTO(error_clear) struct error err = { 0 };
    assert_non_null(mkdtemp(folder));
    AUTO(string_free)
    char *pipe = path_join(folder, "pipe"), *absent = path_join(folder, "no/file");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    int reader = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(file_write(pipe, "words", 5, 0644, &err));
    assert_int_equal(read(reader, got, sizeof got), 5);
    assert_string_equal(got, "words");
    assert_false(file_write(absent, "words", 5, 0644, &err));
    assert_string_equal(err.hint, "create the folder that it belongs to, or name another file");
    (void)close(reader);
    assert_int_equal(unlink(pipe), 0); /* nothing else is there */
    assert_int_equal(rmdir(folder), 0);
}

static void a_url_with_a_name_or_a_password_is_known(void **state) {
    (void)state;
    static const char *const plain[] = { "https://h.example/x.git",
                                         "https://h.example:8443/@team/x.git",
                                         "ssh://git@h.example:22/x.git",
                                         "ssh://git@h.example/a@b/x.git",
                                         "git@h.example:x.git",
                                         "git@h.example:a@b/x.git",
                                         "h.example:x.git",
                                         "file:///home/a@b/x",
                                         "./a@b/x",
                                         "/srv/a@b:c@d",
                                         "state" };
    static const char *const secret[] = {
        "https://t@h.example/x", "HTTPS://u:p@h.example/x", "ftps://u:p@h/x",
        "http://u:p@[::1]/x",    "ssh://git:p@h/x",         "SSH://git:p@h/x",
        "git://t@h/x",           "u:p@h.example:x",         "https://to/ken@h/x",
        "https://u:to/k/en@h/x", "https://u:to?ken@h/x",    "https://u:to#ken@h/x",
        "ssh://git:to/ken@h/x",  "u:to/ken@h.example:x",    "https://u:p%40@h.example/",
        "https:/to@h.example/x", "HTTPS:to@h.example/x"
    };
    for (size_t i = 0; i < COUNT(plain); i++)
        if (url_carries_secret(plain[i]))
            fail_msg("%s is refused", plain[i]);
    for (size_t i = 0; i < COUNT(secret); i++)
        if (!url_carries_secret(secret[i]))
            fail_msg("%s is taken", secret[i]);
}

static mode_t mode_of(const char *path) {
    struct stat status = { 0 };
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode;
}

/* Of a planted link the file that it leads to is left alone, whatever the umask. */
static void no_link_is_written_through(void **state) {
    (void)state;
    char folder[] = "/tmp/ecmig-base.XXXXXX";
    AUTO(error_clear) struct error err = { 0 };
    AUTO(text_clear) struct text read = { 0 };
    int descriptor = -1;
    assert_non_null(mkdtemp(folder));
    AUTO(string_free) char *mine = path_join(folder, "mine"), *link = path_join(folder, "link");
    mode_t before = umask(0);
    assert_true(file_write(mine, "mine", 4, 0600, &err));
    assert_int_equal(mode_of(mine) & 07777, 0600);
    assert_int_equal(symlink(mine, link), 0);
    assert_false(file_append(link, 0600, &descriptor, &err));
    assert_non_null(strstr(err.message, "symbolic link"));
    assert_true(file_write(link, "words", 5, 0600, &err));
    assert_true(S_ISREG(mode_of(link)));
    assert_true(file_read(mine, 100, &read, &err));
    assert_string_equal(text_string(&read), "mine");
    /* What was made readable stays so. */
    assert_int_equal(chmod(link, 0644), 0);
    (void)umask(077);
    assert_true(file_write(link, "more", 4, 0600, &err));
    assert_int_equal(mode_of(link) & 07777, 0644);
    (void)umask(before);
    assert_true(file_append(link, 0600, &descriptor, &err));
    assert_int_equal(write(descriptor, "over", 4), 4);
    (void)close(descriptor);
    assert_true(file_read(link, 100, &read, &err));
    assert_string_equal(text_string(&read), "moreover");
    /* As with `>>log` and --out /dev/stdout: behind what stands there. */
    descriptor = open(link, O_WRONLY | O_APPEND | O_CLOEXEC);
    AUTO(string_free) char *system = xasprintf("/proc/self/fd/%d", descriptor);
    assert_true(file_write(system, "!", 1, 0600, &err));
    (void)close(descriptor);
    assert_true(file_read(link, 100, &read, &err));
    assert_string_equal(text_string(&read), "moreover!");
    assert_int_equal(unlink(mine), 0);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing was left beside them */
}

static void an_error_keeps_its_code_through_wrapping(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    assert_false(error_set(&err, ERROR_UNREACHABLE, "no answer from '%s'", "10.0.0.5:6379"));
    assert_false(error_hint(&err, "is it running?"));
    assert_false(error_wrap(&err, "observing"));
    assert_string_equal(err.message, "observing: no answer from '10.0.0.5:6379'");
    assert_int_equal(exit_class_status(error_exit_class(err.code)), 1);
    assert_int_equal(exit_class_status(error_exit_class(ERROR_CONFIG)), 78);
}

static void a_text_reports_its_ceiling(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(text_clear) struct text text;
    text_init(&text, 8);
    text_add(&text, "12345678");
    assert_true(text_ok(&text, "page", &err));
    text_add(&text, "9");
    assert_false(text_ok(&text, "page", &err));
    assert_int_equal(err.code, ERROR_LIMIT);
    assert_string_equal(text_string(&text), "12345678");
}

static void instants_survive_their_text(void **state) {
    (void)state;
    int64_t at_ms = 0;
    char text[CLOCK_TEXT_BYTES];
    assert_true(clock_parse("2026-03-01T10:44:02.119Z", &at_ms));
    clock_format(at_ms, text);
    assert_string_equal(text, "2026-03-01T10:44:02.119Z");
    static const char *const same[] = {
        "2026-03-01T10:44:02.119000Z",   "2026-03-01T10:44:02.119+00:00",
        "2026-03-01T10:44:02.1190+0000", "2026-03-01T10:44:02.119-00",
        "2026-03-01T12:44:02.119+02:00", "2026-03-01T05:14:02.119-0530",
        "2026-03-01T10:44:02.119UTC",
    };
    for (size_t i = 0; i < COUNT(same); i++) {
        int64_t again_ms = 0;
        assert_true(clock_parse(same[i], &again_ms));
        assert_int_equal(again_ms, at_ms);
    }
    static const char *const wrong[] = {
        "2026-03-01 10:44",           "2026-03-01T10:44:02",       "2026-03-01T10:44:02+",
        "2026-03-01T10:44:02+1",      "2026-03-01T10:44:02+01:",   "2026-03-01T10:44:02+01:0",
        "2026-03-01T10:44:02+01:000", "2026-03-01T10:44:02+0100Z", "2026-03-01T10:44:02+24:00",
        "2026-03-01T10:44:02CET",
    };
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_false(clock_parse(wrong[i], &at_ms));
}

static void digests_match_the_published_vectors(void **state) {
    (void)state;
    char hex[DIGEST_HEX_BYTES];
    digest_sha256_hex("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    uint8_t mac[DIGEST_BYTES];
    digest_hmac("Jefe", 4, "what do ya want for nothing?", 28, mac);
    digest_hex(mac, sizeof mac, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void a_secret_is_masked_in_every_form(void **state) {
    (void)state;
    static const struct {
        const char *text, *masked;
    } cases[] = {
        { "to p?ss/w+rd, twice p?ss/w+rd", "to ***, twice ***" },
        { "cD9zcy93K3Jk", "***" },
        { "dXNlcjpwP3NzL3crcmQ=", "dXNlcjp***Q=" }, /* user:… */
        { "eHA/c3MvdytyZA==", "eH***A==" },         /* x… */
        { "eHA_c3MvdytyZA", "eH***A" },             /* the same, for URLs */
        { "p%3Fss%2Fw%2Brd and p%3fss%2fw%2brd", "*** and ***" },
        { "p?ss/w+r", "p?ss/w+r" },
        { "", "" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(string_free) char *text = xstrdup(cases[i].text);
        size_t length = secret_mask(text, strlen(text), "p?ss/w+rd", 9);
        assert_int_equal(length, strlen(text));
        assert_string_equal(text, cases[i].masked);
    }
}

static void what_is_alive_is_masked_and_known(void **state) {
    (void)state;
    AUTO(secret_free) struct secret *one = secret_new("first-secret", 12);
    struct secret *two = secret_new("second-secret", 13);
    AUTO(string_free) char *text = xstrdup("first-secret second-secret");
    AUTO(string_free) char *later = xstrdup("first-secret second-secret");
    assert_int_equal(secret_length(one), 12);
    assert_true(secrets_include("second-secret"));
    assert_false(secrets_include("second-secre"));
    (void)secrets_mask(text, strlen(text));
    assert_string_equal(text, "*** ***");
    secret_free(two);
    (void)secrets_mask(later, strlen(later));
    assert_string_equal(later, "*** second-secret");
    assert_false(secrets_include("second-secret"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_are_read_as_written),
        cmocka_unit_test(a_secret_is_masked_in_every_form),
        cmocka_unit_test(what_is_alive_is_masked_and_known),
        cmocka_unit_test(units_are_shown_as_read),
        cmocka_unit_test(who_only_looks_may_be_called_off),
        cmocka_unit_test(what_is_no_file_is_written_into_and_stays),
        cmocka_unit_test(a_url_with_a_name_or_a_password_is_known),
        cmocka_unit_test(no_link_is_written_through),
        cmocka_unit_test(an_error_keeps_its_code_through_wrapping),
        cmocka_unit_test(a_text_reports_its_ceiling),
        cmocka_unit_test(instants_survive_their_text),
        cmocka_unit_test(digests_match_the_published_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
