/* ecmig completion: what a shell needs to complete ecmig's command line, made from the rows. */
#include <string.h>

#include "cmd/frame/command.h"
#include "schemas/base/memory.h"
#include "schemas/base/text.h"

/* Within single quotes; `special` are characters that need a backslash there. */
static void add_quoted(struct text *text, const char *words, const char *special) {
    for (const char *at = words; *at; at++) {
        if (*at == '\'')
            text_add(text, "'\\''");
        else
            text_addf(text, "%s%c", strchr(special, *at) ? "\\" : "", *at);
    }
}

static void add_choices(struct text *text, const struct command *command,
                        const struct option_row *row) {
    for (size_t i = 0; row->choices[i]; i++)
        if (command_offers(command, row, i))
            text_addf(text, "%s%s", i ? " " : "", row->choices[i]);
}

/* Calls add for every option that the command takes. */
static void each_option(struct text *text, const struct command *command,
                        void (*add)(struct text *text, const struct command *command,
                                    const struct option_row *row)) {
    for (size_t i = 0; i < command->option_count; i++)
        add(text, command, &command->options[i]);
    for (size_t i = 0; i < option_common_count; i++)
        add(text, command, &option_common[i]);
}

static bool is_verb(const struct command *command) {
    return strchr(command->name, ' ') != NULL;
}

/* The first word of every command once; names are sorted, so that verbs follow their group. */
static bool is_first_of_group(size_t index) {
    const char *name = command_table[index]->name;
    size_t length = strcspn(name, " ");
    return index == 0 || strncmp(command_table[index - 1]->name, name, length) != 0 ||
           (command_table[index - 1]->name[length] != ' ' &&
            command_table[index - 1]->name[length] != '\0');
}

static void bash_name(struct text *text, const struct command *command,
                      const struct option_row *row) {
    (void)command;
    text_addf(text, " --%s", row->name);
}

static void bash_value(struct text *text, const struct command *command,
                       const struct option_row *row) {
    if (row->kind == OPTION_CHOICE) {
        text_addf(text, "    '%s --%s') values='", command->name, row->name);
        add_choices(text, command, row);
        text_add(text, "' ;;\n");
    } else if (row->kind != OPTION_FLAG) {
        text_addf(text, "    '%s --%s') values=FILE ;;\n", command->name, row->name);
    }
}

static void complete_bash(struct text *text) {
    text_add(text, "# bash completion of ecmig: eval \"$(ecmig completion bash)\"\n"
                   "_ecmig() {\n"
                   "    local word command= options= verbs= values=\n"
                   "    local current=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]}\n"
                   "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                   "        case \"$command $word\" in\n");
    for (size_t i = 0; command_table[i]; i++)
        text_addf(text, "        '%s%s') command='%s' ;;\n", is_verb(command_table[i]) ? "" : " ",
                  command_table[i]->name, command_table[i]->name);
    text_add(text, "        esac\n    done\n    case \"$command\" in\n    '') verbs='");
    for (size_t i = 0; command_table[i]; i++)
        if (is_first_of_group(i))
            text_addf(text, "%s%.*s", i ? " " : "", (int)strcspn(command_table[i]->name, " "),
                      command_table[i]->name);
    text_add(text, "' ;;\n");
    for (size_t i = 0; command_table[i]; i++) {
        const struct command *command = command_table[i];
        text_addf(text, "    '%s') options='--help", command->name);
        each_option(text, command, bash_name);
        text_add(text, "'");
        if (!command->run) {
            text_add(text, " verbs='");
            for (size_t j = i + 1;
                 command_table[j] && command_in_group(command_table[j], command->name); j++)
                text_addf(text, "%s ", command_table[j]->name + strlen(command->name) + 1);
            text_add(text, "'");
        }
        text_add(text, " ;;\n");
    }
    text_add(text, "    esac\n    case \"$command $last\" in\n");
    for (size_t i = 0; command_table[i]; i++)
        each_option(text, command_table[i], bash_value);
    text_add(text, "    esac\n"
                   "    COMPREPLY=()\n"
                   "    if [ \"$values\" = FILE ]; then return; fi\n"
                   "    if [ -n \"$values\" ]; then options= verbs=$values; fi\n"
                   "    case \"$current\" in -*) verbs=$options ;; esac\n"
                   "    COMPREPLY=($(compgen -W \"$verbs\" -- \"$current\"))\n"
                   "}\n"
                   "complete -o default -F _ecmig ecmig\n");
}

static void zsh_option(struct text *text, const struct command *command,
                       const struct option_row *row) {
    text_addf(text, " \\\n        '%s--%s[", row->repeatable ? "*" : "", row->name);
    add_quoted(text, row->summary, "[]:\\");
    text_add_char(text, ']');
    if (row->kind == OPTION_CHOICE) {
        text_addf(text, ":%s:(", row->name);
        add_choices(text, command, row);
        text_add_char(text, ')');
    } else if (row->kind != OPTION_FLAG) {
        text_addf(text, ":%s:_files", row->value);
    }
    text_add_char(text, '\'');
}

static void complete_zsh(struct text *text) {
    text_add(text, "#compdef ecmig\n# zsh completion of ecmig: a file '_ecmig' on $fpath\n"
                   "local -a commands\ncommands=(\n");
    for (size_t i = 0; command_table[i]; i++) {
        const struct command *command = command_table[i];
        if (is_verb(command))
            continue;
        text_addf(text, "    '%s:", command->name);
        add_quoted(text, command->summary, ":\\");
        text_add(text, "'\n");
    }
    text_add(text, ")\n"
                   "if (( CURRENT == 2 )); then\n    _describe command commands\n    return\nfi\n"
                   "case \"$words[2] $words[3]\" in\n");
    /* Verbs before their groups: the patterns of groups take every second word. */
    for (int verbs = 1; verbs >= 0; verbs--) {
        for (size_t i = 0; command_table[i]; i++) {
            const struct command *command = command_table[i];
            if (is_verb(command) != (verbs == 1))
                continue;
            text_addf(text, "'%s'%s)\n    _arguments '--help'", command->name,
                      is_verb(command) ? "" : "\\ *");
            each_option(text, command, zsh_option);
            if (command->run) {
                text_add(text, " \\\n        '*:file:_files'\n    ;;\n");
                continue;
            }
            text_add(text, " \\\n        '2:verb:(");
            for (size_t j = 0; command_table[j]; j++)
                if (j != i && command_in_group(command_table[j], command->name))
                    text_addf(text, "%s ", command_table[j]->name + strlen(command->name) + 1);
            text_add(text, ")'\n    ;;\n");
        }
    }
    text_add(text, "esac\n");
}

static void fish_condition(struct text *text, const struct command *command) {
    size_t first = strcspn(command->name, " ");
    text_addf(text, "complete -c ecmig -n '__fish_seen_subcommand_from %.*s", (int)first,
              command->name);
    if (is_verb(command))
        text_addf(text, "; and __fish_seen_subcommand_from %s", command->name + first + 1);
    text_add_char(text, '\'');
}

static void fish_option(struct text *text, const struct command *command,
                        const struct option_row *row) {
    fish_condition(text, command);
    text_addf(text, " -l %s", row->name);
    if (row->kind == OPTION_CHOICE) {
        text_add(text, " -x -a '");
        add_choices(text, command, row);
        text_add_char(text, '\'');
    } else if (row->kind != OPTION_FLAG) {
        text_add(text, " -r");
    }
    text_add(text, " -d '");
    for (const char *at = row->summary; *at; at++)
        text_addf(text, "%s%c", strchr("'\\", *at) ? "\\" : "", *at);
    text_add(text, "'\n");
}

static void complete_fish(struct text *text) {
    text_add(text, "# fish completion of ecmig: ecmig completion fish | source\n");
    for (size_t i = 0; command_table[i]; i++) {
        const struct command *command = command_table[i];
        size_t first = strcspn(command->name, " ");
        if (is_verb(command))
            text_addf(text, "complete -c ecmig -f -n '__fish_seen_subcommand_from %.*s' -a %s -d '",
                      (int)first, command->name, command->name + first + 1);
        else
            text_addf(text, "complete -c ecmig -f -n __fish_use_subcommand -a %s -d '",
                      command->name);
        for (const char *at = command->summary; *at; at++)
            text_addf(text, "%s%c", strchr("'\\", *at) ? "\\" : "", *at);
        text_add(text, "'\n");
        each_option(text, command, fish_option);
    }
}

static const struct {
    const char *name;
    void (*complete)(struct text *text);
} shells[] = {
    { "bash", complete_bash },
    { "fish", complete_fish },
    { "zsh", complete_zsh },
};

static enum exit_class run_completion(const struct call *call, struct error *err) {
    const char *shell = call->arguments->items[0];
    for (size_t i = 0; i < COUNT(shells); i++) {
        if (strcmp(shells[i].name, shell) == 0) {
            AUTO(text_clear) struct text text = { 0 };
            shells[i].complete(&text);
            output_text(call->output, text_string(&text));
            return EXIT_CLASS_OK;
        }
    }
    error_set(err, ERROR_USAGE, "there is no completion for the shell '%s'", shell);
    error_hint(err, "use bash, fish or zsh");
    return EXIT_CLASS_USAGE;
}

const struct command command_completion = {
    .name = "completion",
    .workflow = WORKFLOW_PROGRAM,
    .examples = "ecmig completion bash >/etc/bash_completion.d/ecmig",
    .arguments = "SHELL",
    .argument_minimum = 1,
    .argument_maximum = 1,
    .touches = "nothing",
    .summary = "Print the completion for bash, fish or zsh",
    .description =
        "For one session: eval \"$(ecmig completion bash)\". To keep it, write the output to where "
        "the shell looks for completions. The installed package includes all three.",
    .run = run_completion,
};
