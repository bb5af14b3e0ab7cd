#include <string.h>

#include "planner/render/render.h"
#include "schemas/base/memory.h"

#define BLOCK_INDENT 10
#define BLANKS " \n"    /* a line break in what is quoted makes no line of the page */
#define RIGHT_COLUMN 83 /* estimates: what is left holds "12-20 min" and more */

static size_t columns_of(const char *bytes, size_t length) {
    size_t columns = 0;
    for (size_t i = 0; i < length; i++)
        columns += ((unsigned char)bytes[i] & 0xC0) != 0x80; /* not a UTF-8 continuation */
    return columns;
}

static void pad(struct text *page, size_t columns) {
    while (columns--)
        text_add_char(page, ' ');
}

static void end_line(struct text *page, size_t column, const char **right) {
    if (*right) {
        pad(page, column < RIGHT_COLUMN ? RIGHT_COLUMN - column : 1);
        text_add(page, *right);
        *right = NULL;
    }
    text_add_char(page, '\n');
}

void render_wrapped(struct text *page, const char *head, size_t indent, const char *body,
                    const char *right) {
    size_t column = columns_of(head, strlen(head));
    text_add(page, head);
    if (column < indent) {
        pad(page, indent - column);
        column = indent;
    }
    bool fresh = true;
    for (const char *at = body + strspn(body, BLANKS); *at;) {
        size_t length = strcspn(at, BLANKS), width = columns_of(at, length);
        size_t limit = right ? RIGHT_COLUMN - 1 : RENDER_COLUMNS;
        if (!fresh && column + 1 + width > limit) {
            end_line(page, column, &right);
            pad(page, indent);
            column = indent;
            fresh = true;
        }
        if (!fresh)
            text_add_char(page, ' ');
        text_add_bytes(page, at, length);
        column += width + !fresh;
        fresh = false;
        at += length;
        at += strspn(at, BLANKS);
    }
    end_line(page, column, &right);
}

void render_paragraph(struct text *page, const char *name, const char *value) {
    AUTO(string_free) char *head = xasprintf("  %-6s  ", name);
    for (const char *line = value ? value : ""; *line;) {
        AUTO(string_free) char *own = xstrndup(line, strcspn(line, "\n"));
        render_wrapped(page, line == value ? head : "", BLOCK_INDENT, own, NULL);
        line += strlen(own);
        line += *line == '\n';
    }
}

static const char *colour_of(const char *line, bool is_first) {
    if (is_first)
        return "\033[1m";
    if (line[0] == '@' && line[1] == '@')
        return "\033[36m";
    if (!line[0] || line[1] != ' ')
        return NULL;
    switch (line[0]) {
    case '+':
        return "\033[32m";
    case '!':
        return "\033[33m";
    case '-':
        return "\033[31m";
    case '>':
        return "\033[34m";
    default:
        return NULL;
    }
}

void render_colored(const char *plain, struct text *page) {
    for (const char *line = plain; *line;) {
        size_t length = strcspn(line, "\n");
        const char *colour = colour_of(line, line == plain);
        if (colour)
            text_add(page, colour);
        text_add_bytes(page, line, length);
        if (colour)
            text_add(page, "\033[0m");
        text_add_char(page, '\n');
        line += length + (line[length] == '\n');
    }
}
