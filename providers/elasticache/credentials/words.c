#include "providers/elasticache/credentials/words.h"

#include <string.h>

#include "schemas/base/text.h"

/* One word from *at on, which is moved behind it. */
static bool take_word(const char **at, struct text *word) {
    char quote = '\0';
    for (; **at; (*at)++) {
        char byte = **at;
        bool escapes =
            byte == '\\' && (*at)[1] && (!quote || (quote == '"' && strchr("\"\\", (*at)[1])));
        if (quote ? byte == quote : byte == '"' || byte == '\'')
            quote = quote ? '\0' : byte;
        else if (!quote && strchr(" \t", byte))
            break;
        else
            text_add_char(word, escapes ? *++*at : byte);
    }
    return !quote;
}

bool words_split(const char *line, struct strings *out) {
    AUTO(strings_clear) struct strings words = { 0 };
    for (const char *at = line + strspn(line, " \t"); *at; at += strspn(at, " \t")) {
        AUTO(text_clear) struct text word = { 0 };
        if (!take_word(&at, &word))
            return false;
        strings_add(&words, text_string(&word));
    }
    strings_clear(out);
    *out = MOVE(words);
    return true;
}
