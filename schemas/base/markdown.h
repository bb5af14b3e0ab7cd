/* Words within a Markdown page, as code hosts and chat programs read it (GitHub's flavor). What
 * comes from outside gets into a page through these, and stays words: no markup, no HTML, no link,
 * nobody is mentioned; hidden characters are shown (schemas/base/utf8.h). */
#pragma once

#include "schemas/base/text.h"

/* Within a paragraph, a point or a cell; a line break becomes a blank. */
void markdown_add(struct text *page, const char *words);
/* In a code span, not for a cell; a line break becomes a blank. */
void markdown_add_code(struct text *page, const char *words);
/* Whole lines in a fence, and an empty line after it. */
void markdown_add_fence(struct text *page, const char *language, const char *lines);
