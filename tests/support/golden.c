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

static void expect_form(const struct plan *plan, const char *name, const char *format,
                        const char *suffix) {
    AUTO(text_clear) struct text page = { 0 };
    const struct render_options options = { .file = "orders.yaml" };
    const char *mode = getenv("ECMIG_GOLDEN");
    AUTO(string_free) char *path = xasprintf("%s/golden/%s.%s", TEST_SOURCE_FOLDER, name, suffix);
    render_format_find(format)->render(plan, &options, &page);
    if (strcmp(format, "text") == 0)
        assert_no_long_line(text_string(&page));
    hide_digest(&page, plan);
    if (mode && strcmp(mode, "write") == 0)
        write_all(path, text_string(&page));
    AUTO(string_free) char *golden = read_all(path);
    assert_string_equal(text_string(&page), golden);
}

void golden_expect(const struct plan *plan, const char *name) {
    expect_form(plan, name, "text", "txt");
    expect_form(plan, name, "markdown", "md");
}
