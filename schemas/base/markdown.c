#include "schemas/base/markdown.h"

#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/utf8.h"

#define NOT_JOINED                                                                                 \
    "\xe2\x80\x8b" /* zero width: what follows is not a name or number of its own                  \
                    */

static bool begins(const char *words, size_t at, const char *with) {
    return strncmp(words + at, with, strlen(with)) == 0;
}

/* A bare address is made a link, and a list begins with "-" or "1.": not from here. */
static bool is_marking(const char *words, size_t at) {
    size_t digits = strspn(words, "0123456789");
    return (at == 0 && strchr("-+=", words[at])) ||
           (at == digits && digits && words[at] == '.' && strchr(" \t", words[at + 1])) ||
           begins(words, at, "://") ||
           (words[at] == '.' && at >= 3 && begins(words, at - 3, "www."));
}

void markdown_add(struct text *page, const char *given) {
    AUTO(string_free) char *safe = shown_page(given);
    const char *words = safe ? safe : "";
    for (size_t i = 0; words[i]; i++) {
        char character = words[i];
        if (character == '<')
            text_add(page, "&lt;");
        else if (character == '>')
            text_add(page, "&gt;");
        else if (character == '&')
            text_add(page, "&amp;");
        else if (character == '\n')
            text_add_char(page, ' ');
        else
            text_addf(page, "%s%c%s",
                      strchr("\\`*_[]{}()#!|~$", character) || is_marking(words, i) ? "\\" : "",
                      character, strchr("@#", character) ? NOT_JOINED : "");
    }
}

static size_t longest_run(const char *words) {
    size_t longest = 0, run = 0;
    for (; *words; words++) {
        run = *words == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static void add_ticks(struct text *page, size_t count) {
    while (count--)
        text_add_char(page, '`');
}

void markdown_add_code(struct text *page, const char *given) {
    AUTO(string_free) char *safe = shown_page(given);
    const char *words = safe ? safe : "";
    size_t ticks = longest_run(words) + 1, length = strlen(words);
    const char *apart = length && (words[0] == '`' || words[length - 1] == '`') ? " " : "";
    add_ticks(page, ticks);
    text_add(page, apart);
    for (size_t i = 0; i < length; i++)
        text_add_char(page, words[i] == '\n' ? ' ' : words[i]);
    text_add(page, apart);
    add_ticks(page, ticks);
}

/* What is in a fence is not markup as long as the fence is longer than any in it. */
void markdown_add_fence(struct text *page, const char *language, const char *given) {
    AUTO(string_free) char *safe = shown_page(given);
    const char *lines = safe ? safe : "";
    size_t ticks = longest_run(lines) + 1;
    ticks = ticks < 3 ? 3 : ticks;
    add_ticks(page, ticks);
    text_addf(page, "%s\n%s", language, lines);
    add_ticks(page, ticks);
    text_add(page, "\n\n");
}
