/* ecmig help: the commands, one command, or a topic. */
#include <string.h>

#include "cmd/command.h"
#include "cmd/manual.h"
#include "cmd/reference.h"
#include "cmd/usage.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"
#include "schemas/base/text.h"

static void show_commands(struct output *output) {
    AUTO(text_clear) struct text text = { 0 };
    text_add(&text, "ecmig moves a live Redis into ElastiCache without losing a write.\n\n"
                    "Usage: ecmig COMMAND [options]\n\nCommands:\n");
    for (size_t i = 0; command_table[i]; i++)
        text_addf(&text, "  %-14s%s\n", command_table[i]->name, command_table[i]->summary);
    text_add(
        &text,
        "\nA migration: init, validate, plan, apply, apply --approve-gate; status at any time. "
        "To\ntry it all on this machine first: local up.\n\n"
        "'ecmig help COMMAND' describes one of them; topics: config, environment, exit-codes,\n"
        "manual (for man -l -).\n");
    output_text(output, text_string(&text));
}

/* The table of README.md; .ci/checks/generated keeps it so. */
static void show_table(struct output *output) {
    AUTO(text_clear) struct text text = { 0 };
    text_add(&text, "| command | touches | purpose |\n|---|---|---|\n");
    for (size_t i = 0; command_table[i]; i++) {
        const struct command *command = command_table[i];
        if (!command->run)
            continue;
        AUTO(text_clear) struct text words = { 0 };
        text_addf(&words, "ecmig %s", command->name);
        if (command->arguments)
            text_addf(&words, " %s", command->arguments);
        text_add(&text, "| `");
        for (const char *at = text_string(&words); *at; at++)
            text_addf(&text, "%s%c", *at == '|' ? "\\" : "", *at);
        text_addf(&text, "` | %s | %s |\n", command->touches, command->summary);
    }
    output_text(output, text_string(&text));
}

static void show_exit_codes(struct output *output) {
    static const enum exit_class classes[] = {
#define EXIT_CLASS(symbol, status, class, meaning) EXIT_CLASS_##symbol,
#include "schemas/base/exit_classes.def"
#undef EXIT_CLASS
    };
    AUTO(text_clear) struct text text = { 0 };
    text_add(&text, "What ecmig ends with; when several apply, the upper one wins:\n\n");
    for (size_t i = 0; i < COUNT(classes); i++)
        text_addf(&text, "  %3d  %-16s %s\n", exit_class_status(classes[i]),
                  exit_class_name(classes[i]), exit_class_meaning(classes[i]));
    output_text(output, text_string(&text));
}

static void show_environment(struct output *output) {
    AUTO(text_clear) struct text text = { 0 };
    text_add(&text, "Variables that are read, or that hooks are given:\n");
#define ENVIRONMENT(name, words)                                                                   \
    text_add(&text, "\n  " name "\n      ");                                                       \
    usage_add_wrapped(&text, words, 6);                                                            \
    text_add_char(&text, '\n');
#include "cmd/environment.def"
#undef ENVIRONMENT
    output_text(output, text_string(&text));
}

static void show_config(struct output *output) {
    AUTO(text_clear) struct text text = { 0 };
    reference_add(&text);
    output_text(output, text_string(&text));
}

static void show_manual(struct output *output) {
    AUTO(text_clear) struct text text = { 0 };
    manual_add(&text);
    output_text(output, text_string(&text));
}

static const struct {
    const char *name;
    void (*show)(struct output *output);
} topics[] = {
    { "config", show_config },
    { "environment", show_environment },
    { "exit-codes", show_exit_codes },
    { "manual", show_manual }, /* ecmig(1), for man */
};

static enum exit_class run_help(const struct call *call, struct error *err) {
    const struct strings *words = call->arguments;
    size_t named = 0;
    if (words->count == 0) {
        if (output_format(call->output) == FORMAT_MARKDOWN)
            show_table(call->output);
        else
            show_commands(call->output);
        return EXIT_CLASS_OK;
    }
    for (size_t i = 0; i < COUNT(topics) && words->count == 1; i++) {
        if (strcmp(topics[i].name, words->items[0]) == 0) {
            topics[i].show(call->output);
            return EXIT_CLASS_OK;
        }
    }
    const struct command *command =
        command_find(words->items[0], words->count > 1 ? words->items[1] : NULL, &named);
    if (command && named == words->count) {
        usage_show(command, call->output);
        return EXIT_CLASS_OK;
    }
    AUTO(string_free) char *word = strings_join(words, " ");
    (void)command_unknown(word, err);
    return EXIT_CLASS_USAGE;
}

const struct command command_help = {
    .name = "help",
    .arguments = "[COMMAND|TOPIC]",
    .argument_maximum = 2,
    .touches = "nothing",
    .summary = "Describe the commands, one command or a topic",
    .formats = FORMAT_BIT(FORMAT_MARKDOWN),
    .run = run_help,
};
