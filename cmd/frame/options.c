#include "cmd/frame/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/frame/output.h"
#include "schemas/base/memory.h"
#include "schemas/base/suggest.h"
#include "schemas/base/text.h"
#include "schemas/base/units.h"

static const char *const color_choices[] = { "auto", "always", "never", NULL };

const struct option_row option_common[] = {
    { .name = "color",
      .kind = OPTION_CHOICE,
      .choices = color_choices,
      .standard = "auto",
      .summary = "color the text; NO_COLOR in the environment means never" },
    { .name = OPTION_FORMAT,
      .kind = OPTION_CHOICE,
      .choices = output_format_names,
      .standard = "text",
      .summary = "output format" },
    { .name = "no-input",
      .kind = OPTION_FLAG,
      .summary = "do not ask questions (implied without a terminal)" },
    { .name = "policy",
      .kind = OPTION_STRING,
      .value = "FILE",
      .summary = "the policy that limits what a migration file may name (default: ECMIG_POLICY; "
                 "see ecmig help policy)" },
    { .name = "quiet",
      .kind = OPTION_FLAG,
      .summary = "print no progress and no remarks to stderr" },
    { .name = "state",
      .kind = OPTION_STRING,
      .value = "DIR|URL",
      .summary = "the state repository, instead of the migration file's" },
    { .name = "trace",
      .kind = OPTION_STRING,
      .value = "FILE",
      .summary = "record the traffic with the service and the servers, without names and secrets "
                 "(see ecmig help trace)" },
    { .name = "verbose", .kind = OPTION_FLAG, .summary = "print more to stderr" },
};
const size_t option_common_count = COUNT(option_common);

struct option_value {
    const struct option_row *row;
    struct strings given; /* or the default */
    bool by_user;
    int64_t number;  /* of numbers, and the index of a choice */
    unsigned offers; /* a bit for each choice there is; 0: all */
};

struct options {
    struct option_value *items;
    size_t count;
    const char *command;
    struct strings arguments;
    bool help;
};

static bool usage(const struct options *options, struct error *err) {
    if (options->command)
        return error_hint(err, "'ecmig %s --help' describes it", options->command);
    return error_hint(err, "'ecmig help' describes the options");
}

static bool parse_choice(const struct option_row *row, const char *given, int64_t *number) {
    for (size_t i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], given) == 0) {
            *number = (int64_t)i;
            return true;
        }
    }
    return false;
}

static bool parse_integer(const char *given, int64_t *number) {
    char *end = NULL;
    errno = 0;
    long long parsed = strtoll(given, &end, 10);
    if (errno != 0 || end == given || *end != '\0' || strchr(" \t\n+", given[0]))
        return false;
    *number = parsed;
    return true;
}

static bool parse_value(const struct option_row *row, const char *given, int64_t *number) {
    switch (row->kind) {
    case OPTION_FLAG:
        return true;
    case OPTION_STRING:
        return *given != '\0'; /* a variable of a script that is not set */
    case OPTION_CHOICE:
        return parse_choice(row, given, number);
    case OPTION_INT:
        return parse_integer(given, number);
    case OPTION_DURATION:
        return units_parse_duration(given, number);
    case OPTION_BYTES:
        return units_parse_bytes(given, number);
    }
    return false;
}

static void add_bounds(const struct option_row *row, struct text *text) {
    if (row->kind == OPTION_INT)
        text_addf(text, " from %lld to %lld", (long long)row->minimum, (long long)row->maximum);
    else
        text_add(text, row->kind == OPTION_DURATION ? " from " : " of ");
    if (row->kind == OPTION_DURATION) {
        units_add_duration(text, row->minimum);
        text_add(text, " to ");
        units_add_duration(text, row->maximum);
    } else if (row->kind == OPTION_BYTES) {
        units_add_bytes(text, row->minimum);
        text_add(text, " to ");
        units_add_bytes(text, row->maximum);
    }
}

static bool is_offered(const struct option_value *value, size_t choice) {
    return !value->offers || (value->offers >> choice & 1);
}

static bool refuse_value(const struct option_value *value, const char *given, struct error *err) {
    const struct option_row *row = value->row;
    static const char *const wanted[] = {
        [OPTION_FLAG] = "",
        [OPTION_STRING] = "a value",
        [OPTION_CHOICE] = "one of ",
        [OPTION_INT] = "a whole number",
        [OPTION_DURATION] = "a duration such as 500ms, 10s, 2m or 1h",
        [OPTION_BYTES] = "a size such as 65536, 64KiB or 1GiB",
    };
    AUTO(text_clear) struct text hint = { 0 };
    text_add(&hint, wanted[row->kind]);
    for (size_t i = 0; row->kind == OPTION_CHOICE && row->choices[i]; i++)
        if (is_offered(value, i))
            text_addf(&hint, "%s%s", i ? ", " : "", row->choices[i]);
    if (row->minimum != row->maximum)
        add_bounds(row, &hint);
    error_set(err, ERROR_USAGE, "'%s' is not a valid value for '--%s'", given, row->name);
    return error_hint(err, "give %s", text_string(&hint));
}

static bool names_path(const struct option_row *row) {
    static const char *const values[] = { "DIR", "DIR|URL", "FILE", "PATH", "PLAN", "SPOOL" };
    for (size_t i = 0; row->value && i < COUNT(values); i++)
        if (strcmp(row->value, values[i]) == 0)
            return true;
    return false;
}

/* The first value that the user gives replaces the default. */
static bool set_value(struct option_value *value, const char *given, bool by_user,
                      struct error *err) {
    const struct option_row *row = value->row;
    int64_t number = 0;
    /* A shell expands ~ at the beginning of a word only, so not in --name=~/x. */
    if (*given == '~' && names_path(row)) {
        error_set(err, ERROR_USAGE, "'--%s' begins with '~', which the shell did not expand",
                  row->name);
        return error_hint(err, "write --%s \"$HOME%s\", without quotes around a ~", row->name,
                          given[1] == '/' ? given + 1 : "/…");
    }
    bool within =
        parse_value(row, given, &number) &&
        (row->minimum == row->maximum || (number >= row->minimum && number <= row->maximum)) &&
        (row->kind != OPTION_CHOICE || is_offered(value, (size_t)number));
    if (!within)
        return refuse_value(value, given, err);
    if (by_user && !value->by_user)
        strings_clear(&value->given);
    value->by_user = by_user;
    value->number = number;
    strings_add(&value->given, given);
    return true;
}

static void add_rows(struct options *options, const struct option_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct option_value *value = LIST_ADD(options);
        struct error err = { 0 };
        value->row = &rows[i];
        if (rows[i].standard && !set_value(value, rows[i].standard, false, &err))
            abort();
    }
}

struct options *options_new(const struct option_row *rows, size_t count, const char *command) {
    struct options *options = xcalloc(1, sizeof *options);
    options->command = command;
    add_rows(options, rows, count);
    add_rows(options, option_common, option_common_count);
    return options;
}

static struct option_value *find(const struct options *options, const char *name, size_t length) {
    for (size_t i = 0; i < options->count; i++) {
        const char *known = options->items[i].row->name;
        if (strlen(known) == length && memcmp(known, name, length) == 0)
            return &options->items[i];
    }
    return NULL;
}

static bool refuse_unknown(const struct options *options, const char *word, size_t length,
                           struct error *err) {
    AUTO(strings_clear) struct strings known = { 0 };
    for (size_t i = 0; i < options->count; i++)
        strings_addf(&known, "--%s", options->items[i].row->name);
    strings_add(&known, "--help");
    AUTO(string_free) char *name = xstrndup(word, length);
    AUTO(string_free) char *near = strlen(name) > 2 ? suggest_nearest(name, &known) : NULL;
    if (options->command)
        error_set(err, ERROR_USAGE, "'ecmig %s' has no option '%s'", options->command, name);
    else
        error_set(err, ERROR_USAGE, "there is no option '%s' before a command", name);
    return near ? error_hint(err, "did you mean '%s'?", near) : usage(options, err);
}

/* One option; *at is moved over its value when that is a word of its own. */
static bool take_option(struct options *options, size_t count, char *const *words, size_t *at,
                        struct error *err) {
    const char *word = words[*at], *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    struct option_value *value =
        strncmp(word, "--", 2) == 0 ? find(options, word + 2, length - 2) : NULL;
    if (!value)
        return refuse_unknown(options, word, length, err);
    const struct option_row *row = value->row;
    if (value->by_user && !row->repeatable && row->kind != OPTION_FLAG) {
        error_set(err, ERROR_USAGE, "'--%s' is given twice", row->name);
        return usage(options, err);
    }
    if (row->kind == OPTION_FLAG && equals) {
        error_set(err, ERROR_USAGE, "'--%s' takes no value", row->name);
        return usage(options, err);
    }
    const char *given = row->kind == OPTION_FLAG ? "" : equals ? equals + 1 : NULL;
    if (!given && *at + 1 == count) {
        error_set(err, ERROR_USAGE, "'--%s' needs a value", row->name);
        return usage(options, err);
    }
    if (!given)
        given = words[++*at];
    return set_value(value, given, true, err);
}

/* The first fault is the one that is told; how it is told may be said after it. */
static void take_after_fault(struct options *options, size_t count, char *const *words,
                             size_t *at) {
    AUTO(error_clear) struct error further = { 0 };
    (void)take_option(options, count, words, at, &further);
}

bool options_parse(struct options *options, size_t count, char *const *words, bool stop_at_argument,
                   size_t *used, struct error *err) {
    bool only_arguments = false, sound = true;
    size_t at = 0;
    for (; at < count; at++) {
        const char *word = words[at];
        bool is_option = !only_arguments && word[0] == '-' && word[1] != '\0';
        if (!is_option && stop_at_argument)
            break;
        if (!is_option)
            strings_add(&options->arguments, word);
        else if (strcmp(word, "--") == 0)
            only_arguments = true;
        else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
            options->help = true;
        else if (sound)
            sound = take_option(options, count, words, &at, err);
        else
            take_after_fault(options, count, words, &at);
    }
    if (sound)
        *used = at;
    return sound;
}

void options_offer(struct options *options, const char *name, unsigned choices) {
    for (size_t i = 0; i < options->count; i++)
        if (strcmp(options->items[i].row->name, name) == 0)
            options->items[i].offers = choices;
}

static void option_value_clear(struct option_value *value) {
    strings_clear(&value->given);
}

void options_free(struct options *options) {
    if (!options)
        return;
    LIST_CLEAR(options, option_value_clear);
    strings_clear(&options->arguments);
    free(options);
}

static const struct option_value *known(const struct options *options, const char *name) {
    const struct option_value *value = find(options, name, strlen(name));
    if (!value)
        abort(); /* the row is missing */
    return value;
}

const struct strings *options_arguments(const struct options *options) {
    return &options->arguments;
}

bool options_help(const struct options *options) {
    return options->help;
}

bool options_given(const struct options *options, const char *name) {
    return known(options, name)->by_user;
}

bool options_flag(const struct options *options, const char *name) {
    return known(options, name)->by_user;
}

const char *options_string(const struct options *options, const char *name) {
    const struct strings *given = &known(options, name)->given;
    return given->count ? given->items[given->count - 1] : NULL;
}

const struct strings *options_strings(const struct options *options, const char *name) {
    return &known(options, name)->given;
}

size_t options_choice(const struct options *options, const char *name) {
    const struct option_value *value = known(options, name);
    if (!value->given.count)
        abort(); /* the row has no default */
    return (size_t)value->number;
}

int64_t options_int(const struct options *options, const char *name, int64_t fallback) {
    const struct option_value *value = known(options, name);
    return value->given.count ? value->number : fallback;
}
