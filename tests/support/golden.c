#include "tests/support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/planner.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"
#include "schemas/json/json.h"

#define LINES_CEILING 60
#define DOCUMENT_CEILING_BYTES 65536 /* a golden document is for people to read */

static char *read_all(const char *path) {
    AUTO(text_clear) struct text text = { 0 };
    FILE *file = fopen(path, "r");
    if (!file)
        return xstrdup("");
    for (int character; (character = fgetc(file)) != EOF;)
        text_add_char(&text, (char)character);
    (void)fclose(file);
    return text_take(&text);
}

static void write_all(const char *path, const char *page) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(page, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void assert_no_long_line(const char *page) {
    for (const char *line = page; *line;) {
        size_t length = strcspn(line, "\n");
        if (length > 100)
            print_message("%zu columns: %.*s\n", length, (int)length, line);
        assert_true(length <= 100);
        line += length + (line[length] == '\n');
    }
}

/* The digest has tests of its own; a page should not change with every new fact. */
static void hide_digest(struct text *page, const struct plan *plan) {
    for (char *at = page->bytes; at && (at = strstr(at, plan->digest));)
        memset(at, '0', strlen(plan->digest));
}

static void expect_same(const char *page, const char *name, const char *suffix) {
    const char *mode = getenv("ECMIG_GOLDEN");
    AUTO(string_free) char *path = xasprintf("%s/golden/%s.%s", TEST_SOURCE_FOLDER, name, suffix);
    if (mode && strcmp(mode, "write") == 0)
        write_all(path, page);
    AUTO(string_free) char *golden = read_all(path);
    assert_string_equal(page, golden);
}

/* One screen: a plan of up to three shards. */
static void assert_short(const char *page, const char *name) {
    size_t count = 0;
    for (const char *at = page; *at; at++)
        count += *at == '\n';
    if (count > LINES_CEILING && strcmp(name, "plan-fleet") != 0)
        fail_msg("%s has %zu lines", name, count);
}

static void expect_form(const struct plan *plan, const char *name, const char *format,
                        const char *suffix) {
    AUTO(text_clear) struct text page = { 0 };
    const struct render_options options = { .words = "orders.yaml" };
    render_format_find(format)->render(plan, &options, &page);
    if (strcmp(format, "text") == 0)
        assert_no_long_line(text_string(&page));
    if (strcmp(format, "text") == 0)
        assert_short(text_string(&page), name);
    if (strcmp(format, "markdown") == 0)
        assert_true(page.length < 60000);
    hide_digest(&page, plan);
    expect_same(text_string(&page), name, suffix);
}

static void hide(struct json *object, const char *key) {
    if (object && json_find(object, key))
        json_put_string(object, key, "hidden");
}

/* What was asked and seen is the test's own, and digests have tests of their own. */
static void expect_document(const struct plan *plan, const char *name) {
    AUTO(text_clear) struct text page = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    AUTO(json_free) struct json *document = NULL;
    const struct render_options options = { .words = "orders.yaml" };
    render_format_find("json")->render(plan, &options, &page);
    assert_true(json_parse(page.bytes, page.length, "plan", &document, &err));
    AUTO(json_free) struct json *core = json_share(json_find(document, "core"));
    AUTO(json_free) struct json *context = json_share(json_find(document, "context"));
    const struct json *steps = json_find(core, "steps");
    hide(document, "digest");
    hide(core, "config");
    hide(core, "observed");
    hide(context, "measurements");
    for (size_t i = 0; i < json_count(steps); i++) {
        AUTO(json_free) struct json *step = json_share(json_at(steps, i));
        hide(step, "digest");
    }
    AUTO(string_free) char *written = json_write(document, JSON_PRETTY);
    AUTO(string_free) char *shown = xasprintf("%s\n", written);
    if (strlen(shown) < DOCUMENT_CEILING_BYTES)
        expect_same(shown, name, "json");
}

void golden_expect(const struct plan *plan, const char *name) {
    expect_form(plan, name, "text", "txt");
    expect_form(plan, name, "markdown", "md");
    expect_document(plan, name);
}
