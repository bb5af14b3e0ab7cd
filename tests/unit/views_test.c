/* The table document × format, and what no format may let through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/views/view.h"
#include "schemas/base/markdown.h"
#include "schemas/base/memory.h"
#include "schemas/base/sheet.h"

static void every_document_has_every_format(void **state) {
    (void)state;
    for (int document = 0; document < DOCUMENT_COUNT; document++)
        for (int format = 0; format < FORMAT_COUNT; format++)
            if (!view_has((enum document)document, (enum output_format)format))
                fail_msg("document %d of documents.def has no %s", document,
                         output_format_names[format]);
}

static const struct sheet_column columns[] = {
    { "seq", -4, 1 }, { "name", 6, 0 }, { "what", 0, 0 }, { 0 }
};

static void fill(struct sheet *sheet, const char *name) {
    sheet->label_columns = 8;
    text_addf(sheet_headline(sheet), "%s: stopped", name);
    text_addf(sheet_label(sheet, "lock"), "held by %s", name);
    text_add(sheet_more(sheet), "since 3 min");
    text_addf(sheet_command(sheet, "next"), "ecmig apply %s", name);
    sheet_table(sheet, columns);
    sheet_cellf(sheet, "%d", 7);
    sheet_cell(sheet, name);
    sheet_cell(sheet, "done");
    text_addf(sheet_point(sheet, "! "), "%s differs", name);
    text_add(sheet_remark(sheet), "look at it");
}

static void a_sheet_is_text_in_columns(void **state) {
    (void)state;
    AUTO(sheet_clear) struct sheet sheet = { 0 };
    AUTO(text_clear) struct text page = TEXT_PAGE;
    fill(&sheet, "ann");
    sheet_add_text(&sheet, &page);
    assert_string_equal(text_string(&page), "ann: stopped\n"
                                            "  lock     held by ann\n"
                                            "           since 3 min\n"
                                            "  next     ecmig apply ann\n"
                                            "     7  ann    done\n"
                                            "! ann differs\n"
                                            "    look at it\n");
}

static void a_sheet_is_a_page_of_markdown(void **state) {
    (void)state;
    AUTO(sheet_clear) struct sheet sheet = { 0 };
    AUTO(text_clear) struct text page = TEXT_PAGE;
    fill(&sheet, "ann");
    view_format_markdown.sheet(&sheet, &page);
    assert_string_equal(text_string(&page), "### ann: stopped\n\n"
                                            "- **lock** held by ann\\\n"
                                            "  since 3 min\n"
                                            "- **next** `ecmig apply ann`\n\n"
                                            "| seq | name | what |\n"
                                            "|---:|---|---|\n"
                                            "| 7 | ann | done |\n\n"
                                            "- ann differs\\\n"
                                            "  look at it\n");
}

/* What begins a block of its own, or makes markup, a link or a mention of a name. */
static const char *const hostile[] = {
    "a | b",
    "`code`",
    "``` \n# head",
    "x\n- [ ] task",
    "<script>alert(1)</script>",
    "[x](http://e)",
    "![i](data:,x)",
    "http://evil.e/",
    "www.evil.example",
    "**bold** _it_ ~~no~~",
    "@everyone",
    "#12",
    "&lt;b&gt;",
    "back\\",
    "a\r\n| b |\n|---|",
    "1. one",
    "--- ",
    "$x$",
    "\033[31mred",
    "\xe2\x80\xae txt",
};

/* Every one of `characters` that is not behind a backslash. */
static bool has_bare(const char *words, const char *characters) {
    for (size_t i = 0; words[i]; i++) {
        if (words[i] == '\\')
            i += words[i + 1] != '\0';
        else if (strchr(characters, words[i]))
            return true;
    }
    return false;
}

static void a_hostile_name_stays_words(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(hostile); i++) {
        AUTO(text_clear) struct text words = { 0 };
        markdown_add(&words, hostile[i]);
        const char *shown = text_string(&words);
        assert_false(has_bare(shown, "\n\r\033`*_[]()<>|~$!#"));
        assert_null(strstr(shown, "p://"));
        assert_null(strstr(shown, "www."));
        assert_null(strstr(shown, "@everyone"));
        assert_null(strstr(shown, "\xe2\x80\xae"));
        assert_int_not_equal(strncmp(shown, "1. ", 3), 0);
        assert_int_not_equal(strncmp(shown, "---", 3), 0);
    }
}

static size_t count_lines(const char *page) {
    size_t count = 0;
    for (; (page = strchr(page, '\n')); page++)
        count++;
    return count;
}

/* However a name is spelled, the page has the lines and cells that the program made. */
static void a_hostile_name_makes_no_line_of_a_page(void **state) {
    (void)state;
    AUTO(sheet_clear) struct sheet plain = { 0 };
    AUTO(text_clear) struct text usual = TEXT_PAGE;
    fill(&plain, "ann");
    view_format_markdown.sheet(&plain, &usual);
    for (size_t i = 0; i < COUNT(hostile); i++) {
        AUTO(sheet_clear) struct sheet sheet = { 0 };
        AUTO(text_clear) struct text page = TEXT_PAGE;
        fill(&sheet, hostile[i]);
        view_format_markdown.sheet(&sheet, &page);
        const char *row = strstr(text_string(&page), "\n| 7 | ");
        assert_int_equal(count_lines(text_string(&page)), count_lines(text_string(&usual)));
        assert_non_null(row);
        AUTO(string_free) char *cell = xstrndup(row + 7, strcspn(row + 7, "\n"));
        cell[strlen(cell) - strlen(" | done |")] = '\0';
        assert_false(has_bare(cell, "|"));
    }
}

static void code_ends_where_it_was_meant_to(void **state) {
    (void)state;
    AUTO(text_clear) struct text code = { 0 }, fence = { 0 };
    markdown_add_code(&code, "`a` ``b``");
    assert_string_equal(text_string(&code), "``` `a` ``b`` ```");
    markdown_add_fence(&fence, "sh", "````\nrm\n");
    assert_string_equal(text_string(&fence), "`````sh\n````\nrm\n`````\n\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_document_has_every_format),
        cmocka_unit_test(a_sheet_is_text_in_columns),
        cmocka_unit_test(a_sheet_is_a_page_of_markdown),
        cmocka_unit_test(a_hostile_name_stays_words),
        cmocka_unit_test(a_hostile_name_makes_no_line_of_a_page),
        cmocka_unit_test(code_ends_where_it_was_meant_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
