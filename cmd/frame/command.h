/* A command: one file with a `const struct command command_<symbol>`, one row in commands.def.
 *
 * Usage, help, completion, the manual page and the README table are made from the row; a test and
 * .ci/run object when one of them is forgotten. A name may have two words ("local up"); a row
 * without `run` whose name is the first of them ("local") speaks for the group. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cmd/frame/options.h"
#include "cmd/frame/output.h"
#include "schemas/base/error.h"

struct call {
    const struct command *command;
    const struct options *options;   /* see options.h for how values are read */
    const struct strings *arguments; /* what was given beside options, within the row's bounds */
    struct output *output;
};

enum workflow {
#define WORKFLOW(symbol, title) WORKFLOW_##symbol,
#include "cmd/frame/workflows.def"
#undef WORKFLOW
    WORKFLOW_COUNT
};
extern const char *const workflow_titles[];

#define ARGUMENTS_UNBOUNDED SIZE_MAX /* as many as the system passes on */

struct command {
    const char *name;        /* as typed: "plan", "local up" */
    const char *arguments;   /* "FILE…", "[NAME]"; NULL when there are none */
    size_t argument_minimum; /* the frame refuses fewer and more */
    size_t argument_maximum;
    const char *touches;    /* "nothing", "reads", "state", "this machine", "everything" … */
    enum workflow workflow; /* under which 'ecmig help' lists it */
    const char
        *examples; /* command lines, each on its own; tests/unit/examples_test.c parses them */
    const char *summary;     /* one line, begins with a verb, no full stop */
    const char *description; /* paragraphs, wrapped when shown; lines that start with two spaces
                                stay as they are; or NULL */
    const struct option_row *options;
    size_t option_count;
    unsigned formats; /* FORMAT_BIT(...) beyond text that --format may ask for */

    /* Gives what the process ends with. When *err is set the frame shows it, so that failing is
     * `return error_exit_class(err->code);`. Results and talk go through call->output only. */
    enum exit_class (*run)(const struct call *call, struct error *err);
    /* For a command that leaves word of every end: the words after its name were not accepted.
     * NULL: nothing to do. */
    void (*refused)(const struct options *options, struct output *output, enum exit_class class);
};

#define COMMAND(symbol) extern const struct command command_##symbol;
#include "cmd/commands.def"
#undef COMMAND

extern const struct command *const command_table[]; /* as in commands.def, ends with NULL */

/* A bit for each format that --format may ask it for; 0: it has no result of its own. */
unsigned command_formats(const struct command *command);
/* Whether this choice of the option can be given with the command. */
bool command_offers(const struct command *command, const struct option_row *row, size_t choice);
/* The command that the first one or two words name, and how many words that took; or NULL. */
const struct command *command_find(const char *first, const char *second, size_t *words);
/* Whether `command` is a verb of the group (or is the group itself, or that very command). */
bool command_in_group(const struct command *command, const char *group);
/* ERROR_USAGE with the nearest names as a hint. */
bool command_unknown(const char *word, struct error *err);
