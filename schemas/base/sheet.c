#include "schemas/base/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/utf8.h"

#define REMARK_INDENT 4

void sheet_clear(struct sheet *sheet) {
    if (!sheet)
        return;
    for (size_t i = 0; i < sheet->count; i++) {
        text_clear(&sheet->items[i].words);
        strings_clear(&sheet->items[i].cells);
    }
    free(sheet->items);
    *sheet = (struct sheet){ 0 };
}

static struct sheet_line *add(struct sheet *sheet, enum sheet_kind kind, const char *label) {
    struct sheet_line *line = LIST_ADD(sheet);
    line->kind = kind;
    line->label = label;
    line->words = (struct text)TEXT_PAGE;
    return line;
}

struct text *sheet_headline(struct sheet *sheet) {
    return &add(sheet, SHEET_HEADLINE, NULL)->words;
}

struct text *sheet_heading(struct sheet *sheet) {
    return &add(sheet, SHEET_HEADING, NULL)->words;
}

struct text *sheet_sentence(struct sheet *sheet) {
    return &add(sheet, SHEET_SENTENCE, NULL)->words;
}

struct text *sheet_point(struct sheet *sheet, const char *begins) {
    return &add(sheet, SHEET_POINT, begins)->words;
}

struct text *sheet_remark(struct sheet *sheet) {
    return &add(sheet, SHEET_REMARK, NULL)->words;
}

struct text *sheet_label(struct sheet *sheet, const char *label) {
    return &add(sheet, SHEET_LABEL, label)->words;
}

struct text *sheet_command(struct sheet *sheet, const char *label) {
    struct sheet_line *line = add(sheet, SHEET_LABEL, label);
    line->is_command = true;
    return &line->words;
}

struct text *sheet_more(struct sheet *sheet) {
    return &add(sheet, SHEET_MORE, "")->words;
}

void sheet_gap(struct sheet *sheet) {
    (void)add(sheet, SHEET_GAP, NULL);
}

void sheet_table(struct sheet *sheet, const struct sheet_column *columns) {
    add(sheet, SHEET_TABLE, NULL)->columns = columns;
}

static size_t count_columns(const struct sheet_column *columns) {
    size_t count = 0;
    while (columns[count].head)
        count++;
    return count;
}

void sheet_cell(struct sheet *sheet, const char *words) {
    struct sheet_line *last = &sheet->items[sheet->count - 1];
    const struct sheet_column *columns = last->columns;
    if (last->kind != SHEET_ROW || last->cells.count == count_columns(columns)) {
        last = add(sheet, SHEET_ROW, NULL);
        last->columns = columns;
    }
    AUTO(string_free) char *line = shown_line(words);
    strings_add(&last->cells, line);
}

void sheet_cellf(struct sheet *sheet, const char *format, ...) {
    AUTO(text_clear) struct text words = TEXT_PAGE;
    va_list arguments;
    va_start(arguments, format);
    text_vaddf(&words, format, arguments);
    va_end(arguments);
    sheet_cell(sheet, text_string(&words));
}

static void add_row(const struct sheet_line *row, struct text *page) {
    for (size_t i = 0; i < row->cells.count; i++) {
        const struct sheet_column *column = &row->columns[i];
        bool is_last = i + 1 == row->cells.count;
        int width = is_last && column->columns > 0 ? 0 : -column->columns;
        text_addf(page, "%*s%*s", width, row->cells.items[i], is_last ? 0 : 1 + column->blanks, "");
    }
}

static void add_line(const struct sheet *sheet, const struct sheet_line *line, struct text *page) {
    const char *margin = sheet->is_flush ? "" : "  ", *words = text_string(&line->words);
    switch (line->kind) {
    case SHEET_HEADLINE:
    case SHEET_SENTENCE:
    case SHEET_GAP:
        text_add(page, words);
        break;
    case SHEET_HEADING:
        text_addf(page, "\n%s", words);
        break;
    case SHEET_POINT:
        text_addf(page, "%s%s", line->label, words);
        break;
    case SHEET_REMARK:
        text_addf(page, "%*s%s", REMARK_INDENT, "", words);
        break;
    case SHEET_LABEL:
    case SHEET_MORE:
        text_addf(page, "%s%-*s %s", margin, sheet->label_columns, line->label, words);
        break;
    case SHEET_ROW:
        text_add(page, margin);
        add_row(line, page);
        break;
    case SHEET_TABLE:
        return;
    }
    text_add_char(page, '\n');
}

void sheet_add_text(const struct sheet *sheet, struct text *page) {
    for (size_t i = 0; i < sheet->count; i++)
        add_line(sheet, &sheet->items[i], page);
}
