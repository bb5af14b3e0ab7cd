/* A plan document that somebody altered and sealed anew: plan_parse accepts what ecmig could have
 * written, and nothing else. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/planner.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "tests/support/sight.h"

static struct json *own(const struct json *value) {
    return (struct json *)(uintptr_t)value;
}

/* The member at a path such as core/steps/0/id: its parent, and the last name. */
static struct json *parent_of(struct json *value, const char *path, const char **last) {
    const char *slash;
    while ((slash = strchr(path, '/'))) {
        AUTO(string_free) char *name = xstrndup(path, (size_t)(slash - path));
        value = json_kind_of(value) == JSON_KIND_ARRAY
                    ? own(json_at(value, strtoul(name, NULL, 10)))
                    : own(json_find(value, name));
        assert_non_null(value);
        path = slash + 1;
    }
    *last = path;
    return value;
}

/* "+" at the end of a path appends to a list; a NULL value takes the member away. */
static void alter(struct json *document, const char *path, const char *text) {
    AUTO(error_clear) struct error err = { 0 };
    const char *last;
    struct json *parent = parent_of(document, path, &last), *value = NULL;
    AUTO(string_free) char *list = text ? xasprintf("[%s]", text) : NULL;
    AUTO(json_free) struct json *wrapped = NULL;
    if (text) {
        assert_true(json_parse(list, strlen(list), "a value", &wrapped, &err));
        value = json_share(json_at(wrapped, 0));
    }
    if (strcmp(last, "+") == 0) {
        json_append(parent, value);
        return;
    }
    assert_true(value || json_find(parent, last));
    json_remove(parent, last);
    json_put(parent, last, value);
}

/* As somebody would who can compute a hash. */
static void seal(struct json *document) {
    char digest[DIGEST_HEX_BYTES];
    struct json *core = own(json_find(document, "core"));
    const struct json *steps = json_find(core, "steps");
    struct json *observed = own(json_find(core, "observed"));
    for (size_t i = 0; i < json_count(steps); i++) {
        struct json *step = own(json_at(steps, i));
        json_remove(step, "digest");
        json_digest(step, digest);
        json_put_string(step, "digest", digest);
    }
    if (json_find(observed, "facts")) {
        json_digest(json_find(observed, "facts"), digest);
        json_remove(observed, "fingerprint");
        json_put_string(observed, "fingerprint", digest);
    }
    json_digest(core, digest);
    json_remove(document, "digest");
    json_put_string(document, "digest", digest);
}

static void use(const struct plan *plan) {
    const struct render_options options = { .words = "orders.yaml" };
    static const char *const formats[] = { "text", "markdown", "json" };
    for (size_t i = 0; i < COUNT(formats); i++) {
        AUTO(text_clear) struct text page = { 0 };
        render_format_find(formats[i])->render(plan, &options, &page);
        assert_true(page.length > 0);
    }
}

static bool parse(struct json *document, struct error *err) {
    AUTO(string_free) char *text = json_write(document, JSON_CANONICAL);
    AUTO(plan_clear) struct plan plan = { 0 };
    if (!plan_parse(text, strlen(text), &plan, err))
        return false;
    use(&plan);
    return true;
}

static struct json *make(void) {
    AUTO(sight_clear) struct sight sight;
    AUTO(plan_clear) struct plan plan = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    struct json *document = NULL;
    sight_init(&sight);
    sight_set(&sight, "client-output-buffer-limit", SIGHT_DEFAULT_LIMITS);
    assert_true(planner_plan(&sight.config, &sight.observed, PLAN_MIGRATE, &plan, &err));
    AUTO(string_free) char *text = plan_write(&plan, JSON_CANONICAL);
    assert_true(json_parse(text, strlen(text), "the plan", &document, &err));
    return document;
}

static const struct damage {
    const char *path, *value; /* value: JSON, or NULL to take it away */
    const char *message;
} damages[] = {
    { "core/config/version", "2", "'version' is '2'" },
    { "core/config/migration", "\"../../../x\"", "'migration' is '../../../x'" },
    { "core/config/migration", "\"customers\"", "is not the one of its configuration" },
    { "core/migration", "\"customers\"", "is not the one of its configuration" },
    { "core/config/migration", NULL, "lacks 'migration'" },
    { "core/config/source/topology", "\"mesh\"", "'topology' is not one of its names" },
    { "core/config/source/nodes", "[]", "'source.nodes' is missing" },
    { "core/config/source/nodes/+", "\"10.0.0.9:6379\"", "several nodes" },
    { "core/config/source/nodes", "[\"redis://u:p@h:1\"]", "'source.nodes[0]'" },
    { "core/config/source/timeout_ms", "0", "'source.timeout' is '0ms'" },
    { "core/config/source/timeout_ms", "-5", "'source.timeout' is '-5ms'" },
    { "core/config/source/timeout_ms", "9007199254740992", "'source.timeout' is" },
    { "core/config/source/timeout_ms", "9223372036854775807", "'timeout_ms' is not an integer" },
    { "core/config/source/username", "\"app\"", "without a password" },
    { "core/config/source/password/env", "\"AWS_SECRET_ACCESS_KEY\"", "an unrelated secret" },
    { "core/config/source/password/file", "\"/etc/shadow\"", "unrelated secrets" },
    { "core/config/source/password/env", "\"A B\"", "'source.password.env'" },
    { "core/config/source/tls/key_file", "\"k.pem\"", "cert_file and key_file together" },
    { "core/config/source/manage", "[\"requirepass\"]", "'source.manage[0]'" },
    { "core/config/target/replication_group", "\"A\\nB\"", "hidden character" },
    { "core/config/target/endpoint_url", "\"http://u:p@h/\"", "user or password" },
    { "core/config/target/shards", "0", "'target.shards' is '0'" },
    { "core/config/target/security_groups", "[\"sg-2\", \"sg-1\"]", "form that ecmig writes" },
    { "core/config/target/engine", "\"mysql\"", "'target.engine'" },
    { "core/config/target/node_type", NULL, "'target.node_type' is missing" },
    { "core/config/target/parameters/+", "{\"name\": \"aws:x\", \"value\": \"1\"}",
      "'target.parameters' is 'aws:x'" },
    { "core/config/verify/before_cutover/keys", "0", "'verify.before_cutover.keys' is '0'" },
    { "core/config/verify/after_cutover/keys", "7", "'verify.after_cutover.keys'" },
    { "core/config/cutover/max_write_pause_ms", "1", "'cutover.max_write_pause'" },
    { "core/config/cutover/switch/0/run", "[]", "'cutover.switch[0].run' is missing" },
    { "core/config/cutover/window/not_before", "\"25:00\"", "'cutover.window.not_before'" },
    { "core/config/state/repository", NULL, "lacks 'repository'" },
    { "core/config/state/branch", "\"../x\"", "'state.branch'" },
    { "core/config/state/branch", "7", "'branch' is not a string" },
    { "core/config/waive/+", "{\"finding\": \"a b\", \"reason\": \"r\", \"until\": \"2026-01-01\"}",
      "'waive[0].finding'" },
    { "core/config/waive/+", "{\"finding\": \"a\", \"reason\": \"r\"}", "'waive[0].until'" },
    { "core/base", "\"HEAD\"", "base" },
    { "core/planner_revision", "-1", "planner_revision" },
    { "core/point_of_no_return", "\"S99\"", "point_of_no_return" },
    { "core/steps/0/id", "\"S01\\nS02\"", "whose id" },
    { "core/steps/1/id", "\"S01\"", "occurs twice" },
    { "core/steps/0/key", "\"prepare\"", "whose key|key that is not like" },
    { "core/steps/1/key", "\"prepare/set/client-output-buffer-limit\"", "occurs twice" },
    { "core/steps/0/kind", "\"rm\"", "one of its names" },
    { "core/steps/0/needs/+", "\"S02\"", "does not come before it" },
    { "core/steps/0/undo/until", "\"S77\"", "until a step" },
    { "core/steps/0/timeout_s", "0", "timeout_s" },
    { "core/steps/0/timeout_s", "9000000000", "timeout_s" },
    { "core/steps/0/retry/attempts", "-1", "retry" },
    { "core/steps/0/effects", "[]", "changes nothing" },
    { "core/steps/0/effects/0/field", "\"x\"", "that its kind does not" },
    { "core/steps/0/effects/0/field", "\"source.nodes[9].settings.a\"", "an unknown node" },
    { "core/steps/0/effects/0/after", NULL, "without a value" },
    { "core/gates", "[]", "omits one of its steps" },
    { "core/gates/0/step", "\"S01\"", "not a gate" },
    { "core/gates/0/name", "\"\"", "invalid name" },
    { "core/gates/0/needs/+", "\"luck\"", "does not support" },
    { "core/findings/+", "{\"id\": \"\\u202e\", \"severity\": \"note\"}", "whose id" },
    { "core/observed/facts", "[]", "not an object" },
    { "core/observed/facts/source", "{\"a\": 1}", "not values alone" },
};

static void a_damaged_document_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(damages); i++) {
        const struct damage *damage = &damages[i];
        AUTO(error_clear) struct error err = { 0 };
        AUTO(json_free) struct json *document = make();
        AUTO(string_free) char *wanted = xstrdup(damage->message);
        alter(document, damage->path, damage->value);
        seal(document);
        if (parse(document, &err))
            fail_msg("%s = %s is accepted", damage->path, damage->value ? damage->value : "gone");
        char *either = strchr(wanted, '|');
        if (either)
            *either++ = 0;
        if (!strstr(err.message, wanted) && !(either && strstr(err.message, either)))
            fail_msg("%s = %s: %s", damage->path, damage->value ? damage->value : "gone",
                     err.message);
        assert_int_equal(err.code, ERROR_FORMAT);
    }
}

/* Copies of the first step, so that there are `count`. */
static void fill(struct json *document, size_t count) {
    const struct json *steps = json_find(json_find(document, "core"), "steps");
    AUTO(string_free) char *first = json_write(json_at(steps, 0), JSON_CANONICAL);
    for (size_t i = json_count(steps); i < count; i++) {
        AUTO(string_free) char *id = xasprintf("\"S%zu\"", 1000 + i);
        AUTO(string_free) char *key = xasprintf("\"prepare/set/x%zu\"", i);
        AUTO(string_free) char *path = xasprintf("core/steps/%zu", i);
        AUTO(string_free) char *path_id = xasprintf("%s/id", path);
        AUTO(string_free) char *path_key = xasprintf("%s/key", path);
        alter(document, "core/steps/+", first);
        alter(document, path_id, id);
        alter(document, path_key, key);
    }
    seal(document);
}

/* Nothing that is done with a plan takes the square of its steps in time that anybody would see. */
static void the_longest_plan_is_read_and_shown_at_once(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *document = make();
    fill(document, 4096);
    int64_t started_mono_ms = clock_mono_ms();
    if (!parse(document, &err))
        fail_msg("%s", err.message);
    assert_true(clock_mono_ms() - started_mono_ms < 20000); /* 0.4 s; CI has slow machines */
}

static void a_longer_plan_is_refused_by_its_number_of_steps(void **state) {
    (void)state;
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *document = make();
    fill(document, 4097);
    assert_false(parse(document, &err));
    assert_int_equal(err.code, ERROR_FORMAT);
    assert_non_null(strstr(err.message, "has 4097 steps, and no plan has more than 4096"));
    assert_non_null(strstr(err.hint, "ecmig plan --out PLAN FILE"));
}

static void a_seal_that_does_not_fit_is_refused(void **state) {
    (void)state;
    static const char *const seals[] = { "core/steps/0/digest", "core/observed/fingerprint" };
    for (size_t i = 0; i < COUNT(seals); i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(json_free) struct json *document = make();
        char digest[DIGEST_HEX_BYTES];
        alter(document, seals[i],
              "\"0000000000000000000000000000000000000000000000000000000000000000\"");
        json_digest(json_find(document, "core"), digest);
        json_remove(document, "digest");
        json_put_string(document, "digest", digest);
        assert_false(parse(document, &err));
        assert_non_null(strstr(err.message, "match"));
    }
}

/* What an older version left out has its default, and what a newer one adds is passed over. */
static void other_minor_versions_are_read(void **state) {
    (void)state;
    static const char *const optional[] = { "core/config/state/branch", "core/config/replication",
                                            "core/config/source/tls", "core/config/waive" };
    for (size_t i = 0; i < COUNT(optional); i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(json_free) struct json *document = make();
        alter(document, optional[i], NULL);
        alter(document, "core/steps/0/news", "{\"a\": [1]}");
        alter(document, "core/config/news", "true");
        seal(document);
        if (!parse(document, &err))
            fail_msg("%s: %s", optional[i], err.message);
    }
}

static void every_good_file_survives_the_document(void **state) {
    (void)state;
    glob_t files;
    assert_int_equal(glob(TEST_SOURCE_FOLDER "/corpus/config/good/*.yaml", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        AUTO(error_clear) struct error err = { 0 };
        AUTO(findings_clear) struct findings faults = { 0 };
        AUTO(config_clear) struct config config = { 0 };
        AUTO(config_clear) struct config again = { 0 };
        assert_true(config_load(files.gl_pathv[i], &config, &faults, &err));
        AUTO(json_free) struct json *before = shape_write(config_shape(), &config);
        if (!config_from_json(before, &again, &err))
            fail_msg("%s: %s", files.gl_pathv[i], err.message);
        AUTO(json_free) struct json *after = shape_write(config_shape(), &again);
        assert_true(json_same(before, after));
    }
    assert_true(files.gl_pathc >= 10);
    globfree(&files);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_document_is_refused),
        cmocka_unit_test(the_longest_plan_is_read_and_shown_at_once),
        cmocka_unit_test(a_longer_plan_is_refused_by_its_number_of_steps),
        cmocka_unit_test(a_seal_that_does_not_fit_is_refused),
        cmocka_unit_test(other_minor_versions_are_read),
        cmocka_unit_test(every_good_file_survives_the_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
