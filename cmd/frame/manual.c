#include "cmd/frame/manual.h"

#include <string.h>

#include "cmd/frame/command.h"
#include "cmd/frame/usage.h"

/* roff: a hyphen that is typed, a backslash, and no line that begins with a request. */
static void add_roff(struct text *text, const char *words) {
    bool at_start = true;
    for (const char *at = words; *at; at++) {
        if (at_start && (*at == '.' || *at == '\''))
            text_add(text, "\\&");
        if (*at == '-')
            text_add(text, "\\-");
        else if (*at == '\\')
            text_add(text, "\\e");
        else
            text_add_char(text, *at);
        at_start = *at == '\n';
    }
}

/* Paragraphs; lines that start with two blanks are examples and stay as they are. */
static void add_description(struct text *text, const char *description) {
    bool in_example = false;
    while (*description) {
        size_t length = strcspn(description, "\n");
        bool example = strncmp(description, "  ", 2) == 0;
        AUTO(text_clear) struct text line = { 0 };
        text_add_bytes(&line, description, length);
        if (example != in_example)
            text_add(text, example ? ".nf\n" : ".fi\n");
        in_example = example;
        if (length == 0)
            text_add(text, ".sp");
        add_roff(text, text_string(&line));
        text_add_char(text, '\n');
        description += length + (description[length] == '\n');
    }
    if (in_example)
        text_add(text, ".fi\n");
}

static void add_options(struct text *text, const struct option_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        AUTO(text_clear) struct text name = { 0 }, summary = { 0 };
        usage_add_option(&name, NULL, &rows[i]);
        usage_add_option_summary(&summary, &rows[i]);
        text_add(text, ".TP\n.B ");
        add_roff(text, text_string(&name));
        text_add_char(text, '\n');
        add_roff(text, text_string(&summary));
        text_add(text, ".\n");
    }
}

static void add_command(struct text *text, const struct command *command) {
    AUTO(text_clear) struct text synopsis = { 0 };
    usage_add_synopsis(&synopsis, command);
    text_add(text, ".SS ");
    add_roff(text, text_string(&synopsis));
    text_add_char(text, '\n');
    add_roff(text, command->summary);
    text_add(text, ".\n");
    if (command->description) {
        text_add(text, ".PP\n");
        add_description(text, command->description);
    }
    add_options(text, command->options, command->option_count);
    text_add(text, ".PP\nExamples:\n.nf\n");
    add_roff(text, command->examples);
    text_add(text, "\n.fi\n");
}

void manual_add(struct text *text) {
    text_add(text,
             ".TH ECMIG 1 \"\" \"ecmig " ECMIG_VERSION "\" \"User Commands\"\n"
             ".SH NAME\n"
             "ecmig \\- move a live Redis into ElastiCache without losing a write\n"
             ".SH SYNOPSIS\n.B ecmig\n.I COMMAND\n[options]\n"
             ".SH DESCRIPTION\n"
             "ecmig reads a migration file, looks at the source and the target, prints a "
             "plan that can be reviewed, and runs exactly the plan that was approved. What "
             "it did is on record in a git repository.\n"
             ".PP\nA migration is init, validate, plan, apply, and apply \\-\\-approve\\-gate "
             "when the gate asks for it; status shows where it stands at any time, and the same "
             "apply command resumes after an interruption. local up starts a loopback "
             "ElastiCache to try all of it on.\n");
    for (int workflow = 0; workflow < WORKFLOW_COUNT; workflow++) {
        text_addf(text, ".SH \"COMMANDS: %s\"\n", workflow_titles[workflow]);
        for (size_t i = 0; command_table[i]; i++)
            if ((int)command_table[i]->workflow == workflow)
                add_command(text, command_table[i]);
    }
    text_add(text, ".SH OPTIONS OF EVERY COMMAND\n");
    add_options(text, option_common, option_common_count);
    text_add(text, ".SH EXIT STATUS\nThe first that applies is used.\n");
#define EXIT_CLASS(symbol, status, class, meaning)                                                 \
    text_add(text, ".TP\n.B " #status " " class "\n");                                             \
    add_roff(text, meaning ".\n");
#include "schemas/base/exit_classes.def"
#undef EXIT_CLASS
    text_add(text, ".SH ENVIRONMENT\n");
#define ENVIRONMENT(name, words)                                                                   \
    text_add(text, ".TP\n.B " name "\n");                                                          \
    add_roff(text, words ".\n");
#include "cmd/frame/environment.def"
#undef ENVIRONMENT
    text_add(text, ".SH FILES\n.TP\n.I FILE\n"
                   "the migration file; 'ecmig help config' lists its keys, 'ecmig schema config' "
                   "is its JSON Schema, for editors.\n"
                   ".TP\n.I MIGRATION.RUN.spool\n"
                   "beside it, while a run's last entries are not in the state repository: see "
                   "recover.\n"
                   ".TP\n.I ~/.local/state/ecmig\n"
                   "private clones of state repositories that are URLs.\n");
}
