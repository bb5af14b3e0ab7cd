/* Requests and answers of the service. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/trace/alias_forms.h"
#include "schemas/trace/scrub.h"

#define DEPTH_CEILING 32
#define NAME_CEILING_BYTES 64
#define MEMBER_CEILING_COUNT 2000

static int digit_of(char byte) {
    if (isdigit((unsigned char)byte))
        return byte - '0';
    return isxdigit((unsigned char)byte) ? tolower((unsigned char)byte) - 'a' + 10 : -1;
}

static void add_decoded(const char *bytes, size_t length, struct text *out) {
    for (size_t i = 0; i < length; i++) {
        int high = bytes[i] == '%' && i + 2 < length ? digit_of(bytes[i + 1]) : -1;
        int low = high >= 0 ? digit_of(bytes[i + 2]) : -1;
        if (low >= 0) {
            text_add_char(out, (char)(high * 16 + low));
            i += 2;
        } else {
            text_add_char(out, bytes[i] == '+' ? ' ' : bytes[i]);
        }
    }
}

static bool is_number(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!isdigit((unsigned char)bytes[i]))
            return false;
    return length > 0;
}

/* "Tags.Tag.1.Value": "Value" of a "Tag"; numbers say only which. */
static enum alias_kind kind_of_path(const char *path) {
    char name[NAME_CEILING_BYTES] = "", parent[NAME_CEILING_BYTES] = "";
    bool known = false;
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, ".");
        if (!is_number(at, length)) {
            memcpy(parent, name, sizeof parent);
            (void)snprintf(name, sizeof name, "%.*s", (int)(length < 60 ? length : 60), at);
        }
        at += length + (at[length] ? 1 : 0);
    }
    return alias_kind_of_member(name, parent, &known);
}

/* A path is ours, so that nothing but its form is looked at. */
static bool is_path(const char *path) {
    for (const char *at = path; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '.')
            return false;
    return *path && strlen(path) < 200;
}

struct json *scrub_request(struct aliases *aliases, const char *body, size_t length) {
    struct json *members = json_new_object();
    size_t count = 0;
    for (size_t at = 0; at < length && count < MEMBER_CEILING_COUNT; count++) {
        const char *ampersand = memchr(body + at, '&', length - at);
        size_t end = ampersand ? (size_t)(ampersand - body) : length;
        const char *equals = memchr(body + at, '=', end - at);
        size_t name_end = equals ? (size_t)(equals - body) : end;
        AUTO(text_clear) struct text path = { 0 }, value = { 0 }, shown = { 0 };
        add_decoded(body + at, name_end - at, &path);
        if (equals)
            add_decoded(equals + 1, end - name_end - 1, &value);
        if (is_path(text_string(&path))) {
            aliases_add(aliases, kind_of_path(text_string(&path)), text_string(&value),
                        value.length, &shown);
            json_put_string(members, text_string(&path), text_string(&shown));
        }
        at = end + 1;
    }
    return members;
}

static void add_escaped(const char *bytes, size_t length, struct text *out) {
    for (size_t i = 0; i < length; i++)
        switch (bytes[i]) {
        case '&':
            text_add(out, "&amp;");
            break;
        case '<':
            text_add(out, "&lt;");
            break;
        case '>':
            text_add(out, "&gt;");
            break;
        default:
            text_add_char(out, bytes[i]);
        }
}

/* The five entities, and numbers of one byte; others stay as they are written. */
static void add_unescaped(const char *bytes, size_t length, struct text *out) {
    static const struct {
        const char *entity;
        char byte;
    } rows[] = { { "&amp;", '&' },  { "&lt;", '<' },    { "&gt;", '>' },
                 { "&quot;", '"' }, { "&apos;", '\'' }, { "&#39;", '\'' },
                 { "&#34;", '"' },  { "&#xD;", '\r' },  { "&#10;", '\n' } };
    for (size_t i = 0; i < length;) {
        size_t row = 0, taken = 0;
        for (; bytes[i] == '&' && row < COUNT(rows) && !taken; row++) {
            size_t size = strlen(rows[row].entity);
            if (length - i >= size && strncmp(bytes + i, rows[row].entity, size) == 0)
                taken = size;
        }
        text_add_char(out, taken ? rows[row - 1].byte : bytes[i]);
        i += taken ? taken : 1;
    }
}

struct markup {
    struct aliases *aliases;
    const char *bytes;
    size_t length, at, depth;
    char names[DEPTH_CEILING][NAME_CEILING_BYTES]; /* of the elements that are open */
    struct text *out;
};

/* False for words outside of the elements: that is a page of somebody else. */
static bool add_content(struct markup *markup, const char *bytes, size_t length) {
    size_t blanks = 0;
    while (blanks < length && isspace((unsigned char)bytes[blanks]))
        blanks++;
    if (blanks == length || markup->depth == 0)
        return blanks == length;
    AUTO(text_clear) struct text plain = { 0 }, shown = { 0 };
    bool known = false;
    const char *parent = markup->depth > 1 ? markup->names[markup->depth - 2] : "";
    enum alias_kind kind = alias_kind_of_member(markup->names[markup->depth - 1], parent, &known);
    add_unescaped(bytes, length, &plain);
    aliases_add(markup->aliases, kind, text_string(&plain), plain.length, &shown);
    add_escaped(text_string(&shown), shown.length, markup->out);
    return true;
}

/* The name of an element as it stands in the service's model: letters and digits. */
static size_t name_length(const char *bytes, size_t length) {
    size_t count = 0;
    while (count < length && isalnum((unsigned char)bytes[count]))
        count++;
    return count < NAME_CEILING_BYTES ? count : 0;
}

static bool open_element(struct markup *markup, const char *tag, size_t length) {
    size_t name = name_length(tag, length);
    bool is_empty = length > 0 && tag[length - 1] == '/';
    if (!name || (name < length && !isspace((unsigned char)tag[name]) && tag[name] != '/') ||
        markup->depth == DEPTH_CEILING)
        return false;
    text_addf(markup->out, is_empty ? "<%.*s/>" : "<%.*s>", (int)name, tag);
    if (is_empty)
        return true;
    memcpy(markup->names[markup->depth], tag, name);
    markup->names[markup->depth++][name] = '\0';
    return true;
}

static bool close_element(struct markup *markup, const char *tag, size_t length) {
    size_t name = name_length(tag, length);
    if (!markup->depth || strlen(markup->names[markup->depth - 1]) != name ||
        memcmp(markup->names[markup->depth - 1], tag, name) != 0)
        return false;
    markup->depth--;
    text_addf(markup->out, "</%.*s>", (int)name, tag);
    return true;
}

static bool take_tag(struct markup *markup) {
    const char *start = markup->bytes + markup->at + 1;
    const char *end = memchr(start, '>', markup->length - markup->at - 1);
    if (!end)
        return false;
    size_t length = (size_t)(end - start);
    markup->at += length + 2;
    if (length > 0 && *start == '?') /* <?xml version="1.0"?> */
        return markup->depth == 0;
    return length > 0 && *start == '/' ? close_element(markup, start + 1, length - 1)
                                       : open_element(markup, start, length);
}

/* Names first, in a pass of its own: a sentence may name what stands in a later element. */
static bool walk(struct markup *markup) {
    while (markup->at < markup->length) {
        const char *start = markup->bytes + markup->at;
        const char *tag = memchr(start, '<', markup->length - markup->at);
        size_t content = tag ? (size_t)(tag - start) : markup->length - markup->at;
        bool is_inside = add_content(markup, start, content);
        markup->at += content;
        if (!is_inside || (tag && !take_tag(markup)))
            return false;
    }
    return markup->depth == 0 && markup->out->length > 0;
}

bool scrub_answer(struct aliases *aliases, const char *body, size_t length, struct text *out) {
    AUTO(text_clear) struct text page = { 0 };
    for (int pass = 0; pass < 2; pass++) {
        struct markup markup = {
            .aliases = aliases, .bytes = body, .length = length, .out = &page
        };
        text_reset(&page);
        if (length == 0 || memchr(body, '\0', length) || !walk(&markup))
            return false;
    }
    text_add_bytes(out, page.bytes, page.length);
    return true;
}
