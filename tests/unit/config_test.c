#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>

#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "schemas/config/config.h"

static const char minimal[] = "version: 1\n"
                              "migration: m\n"
                              "source: {nodes: ['127.0.0.1:6379']}\n"
                              "target: {replication_group: g}\n";

static bool parse(const char *text, struct config *config, struct findings *faults) {
    return config_parse(text, strlen(text), "m.yaml", config, faults);
}

static char *render(const struct findings *faults) {
    struct text text = { 0 };
    for (size_t i = 0; i < faults->count; i++) {
        const struct finding *fault = &faults->items[i];
        assert_int_equal(fault->severity, SEVERITY_ERROR);
        text_addf(&text, "%zu:%zu: %s\n", fault->line, fault->column, fault->summary);
        if (fault->remedy)
            text_addf(&text, "    %s\n", fault->remedy);
    }
    return text_take(&text);
}

static void read_all(const char *path, struct text *out) {
    AUTO(error_clear) struct error err = { 0 };
    if (!file_read(path, (size_t)4 << 20, out, &err))
        fail_msg("%s", err.message);
}

static void a_mark_of_utf8_is_no_indentation(void **state) {
    (void)state;
    AUTO(config_clear) struct config config = { 0 };
    AUTO(config_clear) struct config none = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    AUTO(string_free) char *marked = xasprintf("\xEF\xBB\xBF%s", minimal);
    AUTO(string_free) char *bad = xasprintf("\xEF\xBB\xBFversio: 1\n%s", minimal);
    assert_true(parse(marked, &config, &faults));
    assert_string_equal(config.migration, "m");
    assert_false(parse(bad, &none, &faults));
    assert_int_equal(faults.items[0].line, 1);
    assert_int_equal(faults.items[0].column, 1);
}

static void a_minimal_file_has_every_default(void **state) {
    (void)state;
    AUTO(config_clear) struct config config = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    assert_true(parse(minimal, &config, &faults));
    assert_int_equal(config.source.topology, TOPOLOGY_STANDALONE);
    assert_int_equal(config.source.timeout_ms, 5000);
    assert_int_equal(config.target.shards, SHAPE_UNSET);
    assert_int_equal(config.target.replicas_per_shard, SHAPE_UNSET);
    assert_int_equal(config.target.multi_az, TRI_UNSET);
    assert_false(config.target.create);
    assert_true(config.replication.test);
    assert_int_equal(config.replication.in_sync.max_lag_bytes, 65536);
    assert_int_equal(config.replication.in_sync.for_ms, 10000);
    assert_int_equal(config.replication.timeout_ms, 4 * 3600000);
    assert_int_equal(config.verify.before_cutover.mode, VERIFY_SAMPLE);
    assert_int_equal(config.verify.before_cutover.keys, 10000);
    assert_int_equal(config.verify.after_cutover.mode, VERIFY_COUNT);
    assert_int_equal(config.verify.after_cutover.keys, 0);
    assert_int_equal(config.cutover.approval, APPROVAL_REQUIRED);
    assert_int_equal(config.cutover.writes, WRITES_PAUSE);
    assert_int_equal(config.cutover.max_write_pause_ms, 120000);
    assert_int_equal(config.cutover.hold.run.count, 0);
    assert_string_equal(config.state.repository, "./state");
    assert_string_equal(config.state.branch, "main");
}

static void check_good(const char *path) {
    AUTO(config_clear) struct config config = { 0 }, again = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    if (!config_load(path, &config, &faults, &err)) {
        AUTO(string_free) char *text = render(&faults);
        fail_msg("%s: %s\n%s", path, err.message, text);
    }
    AUTO(json_free) struct json *json = shape_write(config_shape(), &config);
    if (!shape_read(config_shape(), json, &again, &err))
        fail_msg("%s: %s", path, err.message);
    AUTO(json_free) struct json *second = shape_write(config_shape(), &again);
    AUTO(string_free) char *left = json_write(json, JSON_CANONICAL);
    AUTO(string_free) char *right = json_write(second, JSON_CANONICAL);
    assert_string_equal(left, right);
}

static void each_path(const char *pattern, void (*check)(const char *path)) {
    glob_t found = { 0 };
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        check(found.gl_pathv[i]);
    globfree(&found);
}

static void good_files_survive_the_plan(void **state) {
    (void)state;
    each_path(TEST_SOURCE_FOLDER "/corpus/config/good/*.yaml", check_good);
    each_path(TEST_SOURCE_FOLDER "/../examples/*/migration.yaml", check_good);
}

/* The expected lines stand beside the file; ECMIG_ACCEPT=1 writes what is said now. */
static void check_bad(const char *path) {
    AUTO(config_clear) struct config config = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(text_clear) struct text input = { 0 }, wanted = { 0 };
    read_all(path, &input);
    assert_false(config_parse(text_string(&input), input.length, "m.yaml", &config, &faults));
    assert_null(config.migration);
    AUTO(string_free) char *said = render(&faults);
    AUTO(string_free) char *stem = xstrndup(path, strlen(path) - strlen(".yaml"));
    AUTO(string_free) char *expected = xasprintf("%s.faults", stem);
    if (getenv("ECMIG_ACCEPT") && !file_write(expected, said, strlen(said), 0644, &err))
        fail_msg("%s", err.message);
    read_all(expected, &wanted);
    if (strcmp(said, text_string(&wanted)) != 0)
        fail_msg("%s says\n%s", path, said);
    assert_null(strstr(said, "hunter2"));
}

static void bad_files_get_the_faults_beside_them(void **state) {
    (void)state;
    each_path(TEST_SOURCE_FOLDER "/corpus/config/bad*/*.yaml", check_bad);
}

static void the_checked_in_schema_is_current(void **state) {
    (void)state;
    static const char path[] = TEST_SOURCE_FOLDER "/../schemas/config/config.schema.json";
    AUTO(text_clear) struct text kept = { 0 };
    AUTO(json_free) struct json *schema = config_schema();
    AUTO(string_free) char *written = json_write(schema, JSON_PRETTY);
    AUTO(string_free) char *line = xasprintf("%s\n", written);
    read_all(path, &kept);
    assert_string_equal(text_string(&kept), line);
}

static void one_fault(const char *text, const char *wanted) {
    AUTO(config_clear) struct config config = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    assert_false(parse(text, &config, &faults));
    AUTO(string_free) char *said = render(&faults);
    if (faults.count != 1 || !strstr(said, wanted))
        fail_msg("wanted '%s', said\n%s", wanted, said);
}

static void bounds_are_faults(void **state) {
    (void)state;
    AUTO(text_clear) struct text deep = { 0 }, wide = { 0 }, large = { 0 };
    for (size_t i = 0; i < 100; i++)
        text_add(&deep, "[");
    one_fault(text_string(&deep), "nested more than 32 deep");
    for (size_t i = 0; i < 20000; i++)
        text_add(&wide, "- a\n");
    one_fault(text_string(&wide), "more than 10000 values");
    for (size_t i = 0; i < (1 << 19) + 1; i++)
        text_add(&large, "#\n");
    one_fault(text_string(&large), "larger than 1 MiB");
    one_fault("", "the file is empty");
    one_fault("# only a comment\n", "the file is empty");
}

static void thousands_of_faults_are_not_listed(void **state) {
    (void)state;
    AUTO(text_clear) struct text text = { 0 };
    AUTO(config_clear) struct config config = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    for (size_t i = 0; i < 4000; i++)
        text_addf(&text, "k%zu: 1\n", i);
    assert_false(parse(text_string(&text), &config, &faults));
    assert_int_equal(faults.count, 101);
    assert_string_equal(faults.items[0].summary, "more than 100 errors; only the first are shown");
}

static void a_file_that_cannot_be_read_is_a_config_error(void **state) {
    (void)state;
    AUTO(config_clear) struct config config = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    assert_false(config_load("/nonexistent/m.yaml", &config, &faults, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_int_equal(faults.count, 0);
    assert_non_null(err.hint);
}

static void paths_are_meant_from_the_folder_of_the_file(void **state) {
    (void)state;
    AUTO(string_free) char *relative = config_path("a/b", "state");
    AUTO(string_free) char *absolute = config_path("a/b", "/state");
    assert_string_equal(relative, "a/b/state");
    assert_string_equal(absolute, "/state");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_of_utf8_is_no_indentation),
        cmocka_unit_test(a_minimal_file_has_every_default),
        cmocka_unit_test(good_files_survive_the_plan),
        cmocka_unit_test(bad_files_get_the_faults_beside_them),
        cmocka_unit_test(the_checked_in_schema_is_current),
        cmocka_unit_test(bounds_are_faults),
        cmocka_unit_test(thousands_of_faults_are_not_listed),
        cmocka_unit_test(a_file_that_cannot_be_read_is_a_config_error),
        cmocka_unit_test(paths_are_meant_from_the_folder_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
