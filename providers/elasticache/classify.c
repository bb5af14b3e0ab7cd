#include <ctype.h>
#include <string.h>

#include "providers/elasticache/elasticache.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

#define MESSAGE_CEILING_BYTES 4096

static bool is_word(const char *start, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!isalpha((unsigned char)start[i]))
            return false;
    return length > 0;
}

static bool is_one_of(const char *start, size_t length, const char *words) {
    AUTO(string_free) char *word = xasprintf(" %.*s ", (int)length, start);
    return strcasestr(words, word) != NULL;
}

/* " complete migration successful for ": the plain words in lower case, between single blanks. A
 * group may be called 'failed' or 'orders-migration': names are left out, which are the words with
 * anything but letters in them, and the one that "for (replication group)" points to. */
static char *plain_words(const char *message) {
    AUTO(text_clear) struct text text = { 0 };
    text_add_char(&text, ' ');
    bool name_follows = false;
    for (const char *at = message; *at;) {
        size_t length = strcspn(at, " \t\r\n"), inner = length;
        while (inner && strchr(".,:;!\"'()", at[inner - 1]))
            inner--;
        bool is_kind = is_one_of(at, inner, " replication group target source cluster node the ");
        if (is_word(at, inner) && (!name_follows || is_kind)) {
            for (size_t i = 0; i < inner; i++)
                text_add_char(&text, (char)tolower((unsigned char)at[i]));
            text_add_char(&text, ' ');
        }
        if (inner && !is_kind)
            name_follows = !name_follows && is_one_of(at, inner, " for ");
        at += length + strspn(at + length, " \t\r\n");
    }
    return text_take(&text);
}

static bool has_any(const char *words, const char *const *wanted) {
    for (; *wanted; wanted++)
        if (strstr(words, *wanted))
            return true;
    return false;
}

/* Few of the texts are documented, and two documents differ on the same event: words decide, not
 * sentences. */
enum migration_event elasticache_classify(const char *message) {
    static const char *const subjects[] = { " migration ", " testmigration ", " startmigration ",
                                            " completemigration ", NULL };
    static const char *const failures[] = {
        " failed ",       " failure ", " fails ",     " fail ",   " error ",
        " unsuccessful ", " unable ",  " could not ", " cannot ", " not success",
        " not succeed",   " aborted ", NULL
    };
    static const char *const successes[] = { " success", " succeed", " completed ", NULL };
    static const char *const tests[] = { " test migration ", " testmigration ", " migration test ",
                                         NULL };
    static const char *const completions[] = { " complete migration ", " completemigration ",
                                               " migration completed ", NULL };
    static const char *const starts[] = { " starting ", " started ", NULL };
    if (!message || strnlen(message, MESSAGE_CEILING_BYTES) == MESSAGE_CEILING_BYTES)
        return MIGRATION_EVENT_OTHER;
    AUTO(string_free) char *words = plain_words(message);
    if (!has_any(words, subjects))
        return MIGRATION_EVENT_OTHER;
    if (has_any(words, failures))
        return MIGRATION_EVENT_FAILED;
    if (!has_any(words, successes))
        return has_any(words, starts) ? MIGRATION_EVENT_STARTED : MIGRATION_EVENT_OTHER;
    if (has_any(words, tests))
        return MIGRATION_EVENT_TEST_SUCCEEDED;
    return has_any(words, completions) ? MIGRATION_EVENT_COMPLETE_SUCCEEDED
                                       : MIGRATION_EVENT_SUCCEEDED;
}
