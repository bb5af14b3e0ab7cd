#include "cmd/frame/usage.h"

#include <string.h>

#include "schemas/base/memory.h"

#define OPTION_COLUMN 32

void usage_add_synopsis(struct text *text, const struct command *command) {
    text_addf(text, "ecmig %s", command->name);
    if (!command->run)
        text_add(text, " VERB");
    if (command->arguments)
        text_addf(text, " %s", command->arguments);
    if (command->option_count)
        text_add(text, " [options]");
}

void usage_add_option(struct text *text, const struct command *command,
                      const struct option_row *row) {
    text_addf(text, "--%s", row->name);
    for (size_t i = 0; row->choices && row->choices[i]; i++)
        if (!command || command_offers(command, row, i))
            text_addf(text, "%s%s", i ? "|" : " ", row->choices[i]);
    if (row->value)
        text_addf(text, " %s", row->value);
}

void usage_add_option_summary(struct text *text, const struct option_row *row) {
    text_add(text, row->summary);
    if (row->standard)
        text_addf(text, " (default: %s)", row->standard);
    if (row->repeatable)
        text_add(text, " (may be given again)");
}

static void add_line(struct text *text, const char *line, size_t length, size_t indent) {
    size_t column = indent;
    for (size_t at = 0; at < length;) {
        size_t end = at, width = 0;
        while (end < length && line[end] != ' ')
            width += ((unsigned char)line[end++] & 0xc0) != 0x80;
        if (column > indent && column + 1 + width > USAGE_COLUMNS) {
            text_addf(text, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            text_add_char(text, ' ');
            column++;
        }
        text_add_bytes(text, line + at, end - at);
        column += width;
        at = end + (end < length);
    }
}

void usage_add_wrapped(struct text *text, const char *paragraphs, size_t indent) {
    while (*paragraphs) {
        size_t length = strcspn(paragraphs, "\n");
        if (strncmp(paragraphs, "  ", 2) == 0)
            text_add_bytes(text, paragraphs, length);
        else
            add_line(text, paragraphs, length, indent);
        paragraphs += length;
        if (*paragraphs) {
            text_addf(text, "\n%*s", (int)(paragraphs[1] == '\n' ? 0 : indent), "");
            paragraphs++;
        }
    }
}

static void add_options(struct text *text, const char *title, const struct option_row *rows,
                        size_t count, const struct command *command) {
    if (count)
        text_addf(text, "\n%s\n", title);
    for (size_t i = 0; i < count; i++) {
        AUTO(text_clear) struct text left = { 0 }, right = { 0 };
        usage_add_option(&left, command, &rows[i]);
        usage_add_option_summary(&right, &rows[i]);
        text_addf(text, "  %-*s", OPTION_COLUMN - 2, text_string(&left));
        if (left.length > OPTION_COLUMN - 4)
            text_addf(text, "\n%*s", OPTION_COLUMN, "");
        usage_add_wrapped(text, text_string(&right), OPTION_COLUMN);
        text_add_char(text, '\n');
    }
}

static void add_verbs(struct text *text, const struct command *group) {
    text_add(text, "\nVerbs:\n");
    for (size_t i = 0; command_table[i]; i++) {
        const struct command *verb = command_table[i];
        if (verb != group && command_in_group(verb, group->name))
            text_addf(text, "  %-*s%s\n", OPTION_COLUMN - 2, verb->name, verb->summary);
    }
}

static void add_examples(struct text *text, const char *examples) {
    text_add(text, "\nExamples:\n");
    while (*examples) {
        size_t length = strcspn(examples, "\n");
        text_addf(text, "  %.*s\n", (int)length, examples);
        examples += length + (examples[length] == '\n');
    }
}

void usage_show(const struct command *command, struct output *output) {
    AUTO(text_clear) struct text text = { 0 };
    text_add(&text, "Usage: ");
    usage_add_synopsis(&text, command);
    text_addf(&text, "\n\n%s.\n", command->summary);
    if (command->description) {
        text_add_char(&text, '\n');
        usage_add_wrapped(&text, command->description, 0);
        text_add_char(&text, '\n');
    }
    if (!command->run)
        add_verbs(&text, command);
    add_options(&text, "Options:", command->options, command->option_count, command);
    add_options(&text, "Options of every command:", option_common, option_common_count, command);
    add_examples(&text, command->examples);
    output_text(output, text_string(&text));
}

static bool refuse_group(const struct command *group, const struct options *options,
                         struct error *err) {
    AUTO(text_clear) struct text verbs = { 0 };
    for (size_t i = 0; command_table[i]; i++)
        if (command_table[i] != group && command_in_group(command_table[i], group->name))
            text_addf(&verbs, "%s'ecmig %s'", verbs.length ? ", " : "", command_table[i]->name);
    const struct strings *arguments = options_arguments(options);
    if (arguments->count)
        error_set(err, ERROR_USAGE, "there is no command '%s %s'", group->name,
                  arguments->items[0]);
    else
        error_set(err, ERROR_USAGE, "'ecmig %s' needs a subcommand", group->name);
    return error_hint(err, "use one of %s", text_string(&verbs));
}

static bool refuse_count(const struct command *command, size_t given, struct error *err) {
    AUTO(text_clear) struct text synopsis = { 0 };
    usage_add_synopsis(&synopsis, command);
    if (command->argument_maximum == 0)
        error_set(err, ERROR_USAGE, "'ecmig %s' takes no argument", command->name);
    else if (given < command->argument_minimum)
        error_set(err, ERROR_USAGE, "'ecmig %s' needs %s", command->name, command->arguments);
    else
        error_set(err, ERROR_USAGE, "'ecmig %s' takes %s, not %zu words", command->name,
                  command->arguments, given);
    return error_hint(err, "usage: %s", text_string(&synopsis));
}

bool usage_accepts(const struct command *command, const struct options *options,
                   struct error *err) {
    size_t given = options_arguments(options)->count;
    if (!command->run)
        return refuse_group(command, options, err);
    if (given < command->argument_minimum || given > command->argument_maximum)
        return refuse_count(command, given, err);
    return true;
}
