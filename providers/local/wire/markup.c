#include "providers/local/wire/markup.h"

#include "schemas/base/clock.h"

void markup_open(struct text *page, const char *name) {
    text_addf(page, "<%s>", name);
}

void markup_close(struct text *page, const char *name) {
    text_addf(page, "</%s>", name);
}

void markup_empty(struct text *page, const char *name) {
    text_addf(page, "<%s/>", name);
}

static void add_escaped(struct text *page, char character) {
    switch (character) {
    case '<':
        text_add(page, "&lt;");
        return;
    case '>':
        text_add(page, "&gt;");
        return;
    case '&':
        text_add(page, "&amp;");
        return;
    case '"':
        text_add(page, "&quot;");
        return;
    case '\t':
    case '\n':
        text_add_char(page, character);
        return;
    default:
        /* Other control characters have no place in XML 1.0, escaped or not. */
        text_add_char(page, (unsigned char)character < 0x20 ? '?' : character);
        return;
    }
}

void markup_string(struct text *page, const char *name, const char *value) {
    if (!value)
        return;
    markup_open(page, name);
    for (const char *at = value; *at; at++)
        add_escaped(page, *at);
    markup_close(page, name);
}

void markup_int(struct text *page, const char *name, int64_t value) {
    text_addf(page, "<%s>%lld</%s>", name, (long long)value, name);
}

void markup_bool(struct text *page, const char *name, bool value) {
    markup_string(page, name, value ? "true" : "false");
}

void markup_time(struct text *page, const char *name, int64_t at_ms) {
    char at[CLOCK_TEXT_BYTES];
    clock_format(at_ms, at);
    markup_string(page, name, at);
}
