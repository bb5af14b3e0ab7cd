/* A page for a code host: a comment on a pull request, an entry in an incident's ticket. */
#include "schemas/base/markdown.h"
#include "cmd/views/own.h"

static void add_words(const struct sheet_line *line, struct text *page) {
    if (line->is_command)
        markdown_add_code(page, text_string(&line->words));
    else
        markdown_add(page, text_string(&line->words));
}

static void add_table(const struct sheet_column *columns, struct text *page) {
    for (size_t i = 0; columns[i].head; i++)
        text_addf(page, "| %s ", columns[i].head);
    text_add(page, "|\n");
    for (size_t i = 0; columns[i].head; i++)
        text_add(page, columns[i].columns < 0 ? "|---:" : "|---");
    text_add(page, "|\n");
}

static void add_row(const struct sheet_line *row, struct text *page) {
    for (size_t i = 0; i < row->cells.count; i++) {
        text_add(page, "| ");
        markdown_add(page, row->cells.items[i]);
        text_add_char(page, ' ');
    }
    text_add(page, "|\n");
}

static void add_line(const struct sheet_line *line, struct text *page) {
    switch (line->kind) {
    case SHEET_HEADLINE:
        text_add(page, "### ");
        break;
    case SHEET_HEADING:
        text_add(page, "#### ");
        break;
    case SHEET_POINT:
        text_add(page, "- ");
        break;
    case SHEET_LABEL:
        text_add(page, "- ");
        if (*line->label)
            text_addf(page, "**%s** ", line->label);
        break;
    case SHEET_REMARK:
    case SHEET_MORE:
        page->bytes[--page->length] = '\0';
        text_add(page, "\\\n  "); /* breaks the line above, and continues its point */
        break;
    case SHEET_TABLE:
        add_table(line->columns, page);
        return;
    case SHEET_ROW:
        add_row(line, page);
        return;
    case SHEET_SENTENCE:
        break;
    case SHEET_GAP:
        return;
    }
    add_words(line, page);
    text_add_char(page, '\n');
}

/* Blocks, and what they are made of: an empty line stands between two of them. */
static enum sheet_kind block_of(enum sheet_kind kind) {
    switch (kind) {
    case SHEET_POINT:
    case SHEET_REMARK:
    case SHEET_MORE:
        return SHEET_LABEL;
    case SHEET_ROW:
        return SHEET_TABLE;
    default:
        return kind;
    }
}

static bool stands_apart(const struct sheet_line *above, const struct sheet_line *line) {
    enum sheet_kind block = block_of(line->kind);
    bool is_list = block == SHEET_LABEL || line->kind == SHEET_ROW;
    return !is_list || block_of(above->kind) != block;
}

static void add_sheet(const struct sheet *sheet, struct text *page) {
    const struct sheet_line *above = NULL;
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *line = &sheet->items[i];
        if (line->kind == SHEET_GAP)
            continue;
        if (above && stands_apart(above, line))
            text_add_char(page, '\n');
        add_line(line, page);
        above = line;
    }
}

const struct view_format view_format_markdown = {
    .sheet = add_sheet,
    .is_finished = true,
    .own = { [DOCUMENT_PLAN] = plan_page },
};
