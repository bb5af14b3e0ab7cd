/* What a document says before it has a form: a headline, labeled lines, points and tables. A
 * document fills a sheet once, and each format shows any sheet (cmd/views).
 *
 * The functions that add a line give its words, to be written with text_add and text_addf without a
 * line break, until the next line is added. They are a TEXT_PAGE: an argument of text_addf stays on
 * the line. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/base/text.h"

enum sheet_kind {
    SHEET_HEADLINE, /* what the document is about, and how it stands */
    SHEET_HEADING,
    SHEET_SENTENCE,
    SHEET_POINT,  /* of a list */
    SHEET_REMARK, /* what to do about the point above */
    SHEET_LABEL,  /* "lock     free" */
    SHEET_MORE,   /* a further line of the label above */
    SHEET_TABLE,  /* begins one */
    SHEET_ROW,
    SHEET_GAP /* an empty line in text */
};

struct sheet_column {
    const char *head; /* not shown in text */
    int columns; /* in text: of the cell, before a blank; negative: at the right; 0: as it is */
    int blanks;  /* in text: beyond that one */
};

struct sheet_line {
    enum sheet_kind kind;
    const char *label; /* of a label; what a point begins with in text. Not owned */
    bool is_command;   /* the words are typed as they stand */
    const struct sheet_column *columns; /* of a table and its rows; the last has no head */
    struct text words;
    struct strings cells; /* of a row */
};

struct sheet {
    struct sheet_line *items;
    size_t count;
    int label_columns; /* in text: of the labels */
    bool is_flush;     /* in text: labels and rows begin in the first column, not in the third */
};
void sheet_clear(struct sheet *sheet);
AUTO_VALUE(struct sheet, sheet_clear)

struct text *sheet_headline(struct sheet *sheet);
struct text *sheet_heading(struct sheet *sheet);
struct text *sheet_sentence(struct sheet *sheet);
struct text *sheet_point(struct sheet *sheet, const char *begins);
struct text *sheet_remark(struct sheet *sheet);
struct text *sheet_label(struct sheet *sheet, const char *label);
struct text *sheet_command(struct sheet *sheet, const char *label); /* a label with a command */
struct text *sheet_more(struct sheet *sheet);
void sheet_gap(struct sheet *sheet);
/* `columns` outlive the sheet. A cell may hold anything: it is one line. */
void sheet_table(struct sheet *sheet, const struct sheet_column *columns);
void sheet_cell(struct sheet *sheet, const char *words); /* begins a row after a full one */
void sheet_cellf(struct sheet *sheet, const char *format, ...) PRINTF_LIKE(2, 3);

/* The sheet as lines for a terminal: labels and cells in columns. */
void sheet_add_text(const struct sheet *sheet, struct text *page);
