#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/frame/options.h"
#include "schemas/base/memory.h"
#include "schemas/base/suggest.h"

static const char *const colours[] = { "red", "green", NULL };
static const struct option_row rows[] = {
    { .name = "shade", .kind = OPTION_CHOICE, .choices = colours, .standard = "green" },
    { .name = "engine", .kind = OPTION_STRING, .value = "PATH", .repeatable = true },
    { .name = "keys",
      .kind = OPTION_INT,
      .value = "N",
      .minimum = 1,
      .maximum = 9,
      .standard = "3" },
    { .name = "limit", .kind = OPTION_BYTES, .value = "SIZE" },
    { .name = "reset", .kind = OPTION_FLAG },
    { .name = "wait", .kind = OPTION_DURATION, .value = "TIME", .maximum = 60000 },
};

/* Words are split at blanks. */
static struct options *parse(const char *line, struct error *err) {
    AUTO(string_free) char *copy = xstrdup(line);
    char *words[16] = { NULL }, *rest = NULL;
    size_t count = 0, used = 0;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    struct options *options = options_new(rows, COUNT(rows), "test");
    if (options_parse(options, count, words, false, &used, err))
        return options;
    options_free(options);
    return NULL;
}

static void what_is_not_given_has_its_default(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(options_free) struct options *options = parse("", &err);
    assert_non_null(options);
    assert_int_equal(options_choice(options, "shade"), 1);
    assert_int_equal(options_int(options, "keys", -1), 3);
    assert_int_equal(options_int(options, "limit", -1), -1);
    assert_null(options_string(options, "state"));
    assert_false(options_flag(options, "reset"));
    assert_false(options_given(options, "keys"));
}

static void values_are_read_by_kind_in_any_place(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(options_free)
    struct options *options =
        parse("--keys=9 one --wait 1m --shade red --engine a --engine=b=c --limit 64KiB --reset -- "
              "--two -",
              &err);
    assert_non_null(options);
    assert_int_equal(options_int(options, "keys", -1), 9);
    assert_int_equal(options_int(options, "wait", -1), 60000);
    assert_int_equal(options_int(options, "limit", -1), 65536);
    assert_int_equal(options_choice(options, "shade"), 0);
    assert_true(options_flag(options, "reset"));
    assert_true(options_given(options, "keys"));
    assert_int_equal(options_strings(options, "engine")->count, 2);
    assert_string_equal(options_strings(options, "engine")->items[1], "b=c");
    assert_int_equal(options_arguments(options)->count, 3);
    assert_string_equal(options_arguments(options)->items[1], "--two");
}

static void faults_are_named_and_say_what_to_give(void **state) {
    (void)state;
    static const struct {
        const char *line, *message, *hint;
    } faults[] = {
        { "--keys 10", "'10' is not a valid value for '--keys'",
          "give a whole number from 1 to 9" },
        { "--keys 1x", "'1x' is not a valid value for '--keys'", NULL },
        { "--keys 99999999999999999999", "'99999999999999999999' is not a valid value for '--keys'",
          NULL },
        { "--wait 2m", "'2m' is not a valid value for '--wait'", NULL },
        { "--wait 5", "'5' is not a valid value for '--wait'", NULL },
        { "--shade blue", "'blue' is not a valid value for '--shade'", "give one of red, green" },
        { "--keys 1 --keys 2", "'--keys' is given twice", NULL },
        { "--keys", "'--keys' needs a value", NULL },
        { "--reset=yes", "'--reset' takes no value", NULL },
        { "--enginee x", "'ecmig test' has no option '--enginee'", "did you mean '--engine'?" },
        { "-k", "'ecmig test' has no option '-k'", NULL },
    };
    for (size_t i = 0; i < COUNT(faults); i++) {
        AUTO(error_clear) struct error err = { 0 };
        assert_null(parse(faults[i].line, &err));
        assert_int_equal(err.code, ERROR_USAGE);
        assert_string_equal(err.message, faults[i].message);
        if (faults[i].hint)
            assert_string_equal(err.hint, faults[i].hint);
        assert_non_null(err.hint);
    }
}

static void slips_find_the_word_that_was_meant(void **state) {
    (void)state;
    static const struct {
        const char *word, *meant;
    } slips[] = {
        { "plna", "plan" }, { "statsu", "status" }, { "val", "validate" }, { "vresion", "version" },
        { "", NULL },       { "x", NULL },          { "zzzzzz", NULL },    { "aply", "apply" },
    };
    AUTO(strings_clear) struct strings known = { 0 };
    static const char *const names[] = { "apply", "plan", "status", "validate", "version" };
    for (size_t i = 0; i < COUNT(names); i++)
        strings_add(&known, names[i]);
    for (size_t i = 0; i < COUNT(slips); i++) {
        AUTO(string_free) char *found = suggest_nearest(slips[i].word, &known);
        if (slips[i].meant) {
            assert_non_null(found);
            assert_string_equal(found, slips[i].meant);
        } else {
            assert_null(found);
        }
    }
}

/* A shell leaves ~ alone after '=' and in quotes: a folder of that name is never meant. */
static void a_path_at_home_is_refused_with_what_to_write(void **state) {
    (void)state;
    static const char *const lines[] = { "--state=~/x", "--state ~/x", "--engine ~ann/x" };
    for (size_t i = 0; i < COUNT(lines); i++) {
        AUTO(error_clear) struct error err = { 0 };
        assert_null(parse(lines[i], &err));
        assert_int_equal(err.code, ERROR_USAGE);
        assert_non_null(strstr(err.hint, "$HOME"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_has_its_default),
        cmocka_unit_test(values_are_read_by_kind_in_any_place),
        cmocka_unit_test(faults_are_named_and_say_what_to_give),
        cmocka_unit_test(a_path_at_home_is_refused_with_what_to_write),
        cmocka_unit_test(slips_find_the_word_that_was_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
