/* Values that are text, alone or in lists and pairs. */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/suggest.h"
#include "schemas/base/utf8.h"
#include "schemas/config/bytes.h"
#include "schemas/config/config.h"
#include "schemas/config/reading.h"

#define ITEM_LIMIT_BYTES 255
#define ARGUMENT_LIMIT_BYTES 4096
#define PAIR_NAME_LIMIT_BYTES 128
#define PAIR_VALUE_LIMIT_BYTES 256

void reading_fault(const struct reading *reading, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    AUTO(string_free) char *said = xvasprintf(format, arguments);
    va_end(arguments);
    fault(reading->faults, reading->node->at, "'%s' %s", reading->path, said);
    strings_add(&reading->faults->bad_paths, reading->path);
}

static bool is_quiet(const struct reading *reading) {
    return reading->field->flags & FIELD_QUIET;
}

/* scheme://user:password@host; outside of ssh a user alone is a token as often as not. */
static bool holds_password(const char *text) {
    for (const char *start = strstr(text, "://"); start; start = strstr(start + 1, "://")) {
        const char *host = start + 3;
        const char *at = memrchr(host, '@', strcspn(host, "/?# \t\n"));
        bool ssh = start - text >= 3 && memcmp(start - 3, "ssh", 3) == 0;
        if (at && (!ssh || memchr(host, ':', (size_t)(at - host))))
            return true;
    }
    return false;
}

static bool is_hidden_in(const struct node *node, bool lines_allowed) {
    for (size_t i = 0; i < node->length;) {
        uint32_t character = 0;
        size_t size =
            utf8_decode((const unsigned char *)node->text + i, node->length - i, &character);
        bool line = character == '\n' || character == '\t';
        if (!size || (character_is_hidden(character) && !(lines_allowed && line)))
            return true;
        i += size;
    }
    return false;
}

static void surprise(const struct reading *reading, const char *text, const char *named) {
    if (is_quiet(reading)) {
        reading_fault(reading, "may be read as %s", named);
        fault_hint(reading->faults, "quote it");
        return;
    }
    AUTO(string_free) char *quoted = fault_quote(text);
    reading_fault(reading, "must be text; YAML may read %s as %s", quoted, named);
    fault_hint(reading->faults, "quote it: \"%s\"", text);
}

const char *reading_text(const struct reading *reading, bool numbers_allowed) {
    const struct node *node = reading->node;
    if (node->kind != NODE_SCALAR) {
        reading_fault(reading, "must be text, not %s", node_kind_name(node->kind));
        if (reading->field->kind == FIELD_ADDRESSES)
            fault_hint(reading->faults, "write HOST:PORT, for example 10.20.4.11:6379");
        return NULL;
    }
    bool argument = reading->field->kind == FIELD_ARGUMENTS;
    if (is_hidden_in(node, argument)) {
        reading_fault(reading, "holds a hidden character");
        fault_hint(reading->faults, "write it as visible text on one line");
        return NULL;
    }
    if (holds_password(node->text)) {
        reading_fault(reading, "contains an address with a user or password");
        fault_hint(reading->faults, "write the address only; secrets are references");
        return NULL;
    }
    if (!node->plain)
        return node->text;
    const char *named;
    enum plain_meaning meaning = plain_meaning(node->text, &named);
    bool date = reading->field->kind == FIELD_DATE;
    bool choice = reading->field->choices != NULL;
    if (meaning == PLAIN_NULL) {
        reading_fault(reading, "has no value");
        fault_hint(reading->faults, "set one, or remove the key");
        return NULL;
    }
    if (meaning == PLAIN_STRING || (meaning == PLAIN_INTEGER && numbers_allowed) ||
        (meaning == PLAIN_DATE && date) || choice) /* none of our words is a surprise */
        return node->text;
    surprise(reading, node->text, named);
    return NULL;
}

static bool is_choice(const struct reading *reading, const char *text) {
    AUTO(strings_clear) struct strings known = { 0 };
    for (const char *const *choice = reading->field->choices; *choice; choice++)
        strings_add(&known, *choice);
    if (strings_has(&known, text))
        return true;
    AUTO(string_free) char *all = strings_join(&known, ", ");
    AUTO(string_free) char *quoted = fault_quote(text);
    AUTO(string_free) char *nearest = suggest_nearest(text, &known);
    reading_fault(reading, "is %s, which is not known", quoted);
    if (nearest)
        fault_hint(reading->faults, "did you mean '%s'? known: %s", nearest, all);
    else
        fault_hint(reading->faults, "known: %s", all);
    return false;
}

static bool is_short(const struct reading *reading, const char *text, size_t limit) {
    if (strlen(text) <= limit)
        return true;
    reading_fault(reading, "is longer than %zu bytes", limit);
    return false;
}

/* ~ and $NAME are a shell's: here they would name a folder of that name. */
bool reading_expands(const struct reading *reading, const char *text) {
    const char *dollar = strchr(text, '$');
    bool home = *text == '~',
         variable = dollar && (dollar[1] == '{' || dollar[1] == '(' || dollar[1] == '_' ||
                               isalpha((unsigned char)dollar[1]));
    if (!home && !variable)
        return false;
    reading_fault(reading, home ? "begins with '~', which only a shell expands"
                                : "contains a '$', which only a shell expands");
    fault_hint(reading->faults, "write the complete path, or one relative to this file's folder");
    return true;
}

/* A program is found by its path; a lone variable is not an argument for a program but a shell. */
static bool is_argument(const struct reading *item, const struct strings *before,
                        const char *text) {
    bool path = before->count == 0 || strncmp(text, "~/", 2) == 0;
    if (!is_short(item, text, ARGUMENT_LIMIT_BYTES) || (path && reading_expands(item, text)))
        return false;
    if (!before->count || !string_matches("^\\$(\\{[A-Za-z0-9_]+\\}|[A-Za-z0-9_]+)$", text) ||
        string_matches("(^|/)(env|[a-z]*sh)$", before->items[0]))
        return true;
    reading_fault(item, "is a variable, which only a shell expands");
    fault_hint(item->faults, "write the value; the program inherits ecmig's environment");
    return false;
}

static bool suits_pattern(const struct reading *reading, const char *text) {
    const struct field *field = reading->field;
    if (!field->pattern || string_matches(field->pattern, text))
        return true;
    AUTO(string_free) char *quoted = fault_quote(text);
    if (is_quiet(reading))
        reading_fault(reading, "is not %s", field->wanted);
    else
        reading_fault(reading, "is %s, not %s", quoted, field->wanted);
    if (*text == '$')
        fault_hint(reading->faults, "ecmig does not expand '$' here: write %s",
                   is_quiet(reading) ? "only the name" : "the value");
    else
        fault_hint(reading->faults, "%s", field->help);
    return false;
}

bool reading_suits(const struct reading *reading, const char *text) {
    size_t limit =
        reading->field->kind == FIELD_STRING ? (size_t)reading->field->maximum : ITEM_LIMIT_BYTES;
    if (!*text) {
        reading_fault(reading, "is empty");
        return false;
    }
    if (reading->field->choices)
        return is_choice(reading, text);
    return is_short(reading, text, limit) && suits_pattern(reading, text);
}

/* HOST:PORT, the host a name, an IPv4 address or an IPv6 address in brackets. */
static bool is_address(const struct reading *reading, const char *text) {
    static const char pattern[] =
        "^([A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])"
        ":[1-9][0-9]{0,4}$";
    if (strpbrk(text, "@/?#")) {
        reading_fault(reading, "contains more than HOST:PORT");
        fault_hint(reading->faults,
                   "remove scheme, user, password and path; a password is a reference");
        return false;
    }
    if (strncmp(text, "0.0.0.0:", 8) == 0 || strncmp(text, "[::]:", 5) == 0) {
        reading_fault(reading, "is an address to listen on, not to connect to");
        fault_hint(reading->faults, "write the address at which the target reaches it");
        return false;
    }
    const char *port = strrchr(text, ':');
    if (port && strlen(text) <= ITEM_LIMIT_BYTES && string_matches(pattern, text) &&
        strtol(port + 1, NULL, 10) <= 65535)
        return true;
    AUTO(string_free) char *quoted = fault_quote(text);
    reading_fault(reading, "is %s, not HOST:PORT", quoted);
    fault_hint(reading->faults, "for example 10.20.4.11:6379, or \"[fd00::11]:6379\" in quotes");
    return false;
}

static bool read_item(const struct reading *item, struct strings *list) {
    enum field_kind kind = item->field->kind;
    const char *text = reading_text(item, kind == FIELD_ARGUMENTS);
    if (!text)
        return false;
    bool fine = kind == FIELD_ADDRESSES   ? is_address(item, text)
                : kind == FIELD_ARGUMENTS ? is_argument(item, list, text)
                                          : reading_suits(item, text);
    if (fine && kind != FIELD_ARGUMENTS && strings_has(list, text)) {
        reading_fault(item, "is listed twice");
        return false;
    }
    if (fine)
        strings_add(list, text);
    return fine;
}

void read_list(const struct reading *reading, void *at) {
    const struct field *field = reading->field;
    const struct node *node = reading->node;
    struct strings *list = at;
    if (node->kind != NODE_SEQUENCE) {
        reading_fault(reading, "must be a list, not %s", node_kind_name(node->kind));
        fault_hint(reading->faults, "write it in brackets: [a, b]");
        return;
    }
    if ((int64_t)node->count < field->minimum || (int64_t)node->count > field->maximum) {
        reading_fault(reading, "has %zu items, not %d to %d", node->count, (int)field->minimum,
                      (int)field->maximum);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        AUTO(string_free) char *path = xasprintf("%s[%zu]", reading->path, i);
        struct reading item = { reading->faults, field, path, node->items[i] };
        bool fine = read_item(&item, list);
        if (fine && field->kind == FIELD_ARGUMENTS && i == 0 && !*list->items[0])
            reading_fault(&item, "is empty");
    }
    if (field->kind == FIELD_STRINGS)
        strings_sort(list);
}

static int by_name(const void *left, const void *right) {
    const struct pair *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static void read_pair(const struct reading *reading, const struct node *key,
                      const struct node *value, struct pairs *out) {
    struct reading name = { reading->faults, reading->field, reading->path, key };
    const char *named = reading_text(&name, true);
    if (!named || !is_short(&name, named, PAIR_NAME_LIMIT_BYTES) || !suits_pattern(&name, named))
        return;
    if (strncmp(named, "aws:", 4) == 0 || strncmp(named, "ecmig:", 6) == 0) {
        reading_fault(&name, "sets '%s', whose prefix is reserved", named);
        return;
    }
    for (size_t i = 0; i < out->count; i++) {
        if (strcmp(out->items[i].name, named) == 0) {
            reading_fault(&name, "gives '%s' twice", named);
            return;
        }
    }
    AUTO(string_free) char *path = xasprintf("%s.%s", reading->path, named);
    struct reading item = { reading->faults, reading->field, path, value };
    const char *text = reading_text(&item, true);
    if (text && strstr(text, "${")) {
        reading_fault(&item, "contains '${', which only a shell expands");
        fault_hint(reading->faults, "write the value");
        return;
    }
    if (text && is_short(&item, text, PAIR_VALUE_LIMIT_BYTES))
        *LIST_ADD(out) = (struct pair){ xstrdup(named), xstrdup(text) };
}

void read_pairs(const struct reading *reading, void *at) {
    const struct node *node = reading->node;
    struct pairs *pairs = at;
    if (node->kind != NODE_MAPPING) {
        reading_fault(reading, "must be a mapping, not %s", node_kind_name(node->kind));
        return;
    }
    if ((int64_t)node->count / 2 > reading->field->maximum) {
        reading_fault(reading, "has more than %d entries", (int)reading->field->maximum);
        return;
    }
    for (size_t i = 0; i + 1 < node->count; i += 2)
        read_pair(reading, node->items[i], node->items[i + 1], pairs);
    if (pairs->count)
        qsort(pairs->items, pairs->count, sizeof *pairs->items, by_name);
}
