/* Long options from rows: `--name value` or `--name=value`, in any place, until `--`.
 *
 * A row says the kind, the bounds, the default and the text; parser, help, completion and manual
 * come from it. Values are read by name; a name without a row is a fault of the program and aborts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"

enum option_kind {
    OPTION_FLAG,
    OPTION_STRING,
    OPTION_CHOICE,
    OPTION_INT,
    OPTION_DURATION, /* "10s", kept as milliseconds */
    OPTION_BYTES     /* "64KiB" */
};

struct option_row {
    const char *name; /* without dashes */
    enum option_kind kind;
    const char *value;          /* stands for the value in help: "FILE"; NULL for flags, choices */
    const char *summary;        /* one line, lower case, no full stop */
    const char *const *choices; /* of OPTION_CHOICE, ends with NULL */
    const char *standard;       /* what holds when not given, as it would be typed; or NULL */
    int64_t minimum, maximum;   /* of numbers; both 0: no bounds */
    bool repeatable;            /* read with options_strings; else given twice is a fault */
};

#define OPTION_FORMAT "format"
extern const struct option_row option_common[]; /* those that every command takes */
extern const size_t option_common_count;

struct options;

/* Splits the words into options and arguments. `rows` are the command's own, beside the common
 * ones. With `stop_at_argument`, *used says how many words were read before the first argument.
 * ERROR_USAGE, with the sound options after the fault taken as well, for they say where and how it
 * is reported; `command` names it in messages (NULL before it is known). */
struct options *options_new(const struct option_row *rows, size_t count, const char *command);
/* Only these of the choices: a bit each, the lowest for the first; 0: all. Before options_parse. */
void options_offer(struct options *options, const char *name, unsigned choices);
MUST_CHECK bool options_parse(struct options *options, size_t count, char *const *words,
                              bool stop_at_argument, size_t *used, struct error *err);
void options_free(struct options *options);
AUTO_POINTER(struct options, options_free)

const struct strings *options_arguments(const struct options *options);
bool options_help(const struct options *options);                    /* --help or -h was there */
bool options_given(const struct options *options, const char *name); /* not by default */
bool options_flag(const struct options *options, const char *name);
const char *options_string(const struct options *options, const char *name); /* or NULL */
const struct strings *options_strings(const struct options *options, const char *name);
size_t options_choice(const struct options *options, const char *name); /* index in choices; needs
                                                                           a default in the row */
int64_t options_int(const struct options *options, const char *name,
                    int64_t fallback); /* INT, DURATION (ms), BYTES */
