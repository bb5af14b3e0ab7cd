/* Plain scalars that are not strings to some reader of YAML: https://yaml.org/type/ for 1.1, and
 * the core schema of 1.2. */
#include <regex.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/config/tree.h"

static const struct {
    const char *pattern; /* POSIX extended, any case */
    enum plain_meaning meaning;
    const char *named;
} rows[] = {
    { "^(~|null)$", PLAIN_NULL, "null" },
    { "^(y|n|yes|no|on|off|true|false)$", PLAIN_SURPRISE, "a truth value" },
    { "^[-+]?0o?[0-9_]+$", PLAIN_SURPRISE, "an octal number" },
    { "^[-+]?0x[0-9a-f_]+$", PLAIN_SURPRISE, "a hexadecimal number" },
    { "^[-+]?0b[01_]+$", PLAIN_SURPRISE, "a binary number" },
    { "^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?$", PLAIN_SURPRISE, "a base-60 number" },
    { "^-?[0-9]+$", PLAIN_INTEGER, "a number" },
    { "^[-+]?[0-9][0-9_]*$", PLAIN_SURPRISE, "a number" },
    { "^[-+]?(\\.[0-9]|[0-9][0-9_]*\\.)[0-9_]*(e[-+]?[0-9]+)?$", PLAIN_SURPRISE, "a real number" },
    { "^[-+]?[0-9][0-9_]*e[-+]?[0-9]+$", PLAIN_SURPRISE, "a real number" },
    { "^([-+]?\\.inf|\\.nan)$", PLAIN_SURPRISE, "a real number" },
    { "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", PLAIN_DATE, "a date" },
    { "^[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?([t \t].*)?$", PLAIN_SURPRISE, "a date and time" },
    { "^(<<|=)$", PLAIN_SURPRISE, "an operator" },
};

static bool matches(const char *pattern, const char *text) {
    regex_t compiled;
    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
        abort();
    bool match = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return match;
}

enum plain_meaning plain_meaning(const char *text, const char **named) {
    *named = "a string";
    if (!*text) {
        *named = "null";
        return PLAIN_NULL;
    }
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        *named = "a truth value";
        return PLAIN_TRUTH;
    }
    if (strlen(text) > 64 || !strchr("0123456789+-.~<=yYnNoOtTfF", *text))
        return PLAIN_STRING;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (matches(rows[i].pattern, text)) {
            *named = rows[i].named;
            return rows[i].meaning;
        }
    }
    return PLAIN_STRING;
}
