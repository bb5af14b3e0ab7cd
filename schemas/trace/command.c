#include "schemas/trace/command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "schemas/base/language.h"
#include "schemas/trace/alias_forms.h"

#define WORDS_CEILING_COUNT 8
#define WORD_CEILING_BYTES 64

static const struct {
    const char *words;
    enum reply_form form;
} rows[] = {
#define TRACE_COMMAND(words, form) { words, REPLY_##form },
#include "schemas/trace/commands.def"
#undef TRACE_COMMAND
};

/* Whether the command is the row's, or begins with the row's words. */
static bool is_of_row(const char *command, const char *words) {
    size_t length = strlen(words);
    return strncasecmp(command, words, length) == 0 &&
           (command[length] == ' ' || command[length] == '\0');
}

enum reply_form trace_reply_form(const char *command) {
    for (size_t i = 0; i < COUNT(rows); i++)
        if (is_of_row(command, rows[i].words))
            return rows[i].form;
    return REPLY_HIDDEN;
}

/* Commands whose second word names what they do. */
static bool has_verb(const char *name) {
    static const char *const names[] = { "ACL",    "CLIENT",   "CLUSTER", "COMMAND",
                                         "CONFIG", "FUNCTION", "MODULE",  "LATENCY",
                                         "MEMORY", "SCRIPT",   "SENTINEL" };
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool is_name(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!isalpha((unsigned char)bytes[i]) && !form_is_in(bytes[i], "-*_"))
            return false;
    return length > 0 && length < WORD_CEILING_BYTES;
}

static size_t length_of(const char *const *words, const size_t *lengths, size_t at) {
    return lengths ? lengths[at] : strlen(words[at]);
}

static void add_name(const char *word, size_t length, struct text *out) {
    if (is_name(word, length))
        text_add_bytes(out, word, length);
    else
        text_add(out, "?");
}

/* A command of the table has nothing but its own options, a setting's name, or a primary's. */
static void add_word(struct aliases *aliases, const char *command, const char *word, size_t length,
                     struct text *out) {
    bool is_named = strncasecmp(command, "SENTINEL", 8) == 0;
    text_add_char(out, ' ');
    if (is_named)
        aliases_add(aliases, ALIAS_HOST, word, length, out);
    else if (is_name(word, length) || alias_is_number(word, length))
        text_add_bytes(out, word, length);
    else
        aliases_add(aliases, ALIAS_NAME, word, length, out);
}

void trace_add_command(struct aliases *aliases, size_t count, const char *const *words,
                       const size_t *lengths, struct text *out) {
    char start[2 * WORD_CEILING_BYTES] = "";
    size_t named = 1;
    if (count == 0)
        return;
    add_name(words[0], length_of(words, lengths, 0), out);
    (void)snprintf(start, sizeof start, "%s", text_string(out));
    if (count > 1 && has_verb(start)) {
        text_add_char(out, ' ');
        add_name(words[1], length_of(words, lengths, 1), out);
        named = 2;
    }
    if (strcasecmp(text_string(out), "CONFIG SET") == 0 && count > 2) {
        text_add_char(out, ' ');
        add_name(words[2], length_of(words, lengths, 2), out);
        return;
    }
    if (trace_reply_form(text_string(out)) == REPLY_HIDDEN)
        return;
    for (size_t i = named; i < count && i < WORDS_CEILING_COUNT; i++)
        add_word(aliases, start, words[i], length_of(words, lengths, i), out);
}
