#include "cmd/frame/command.h"

#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/strings.h"
#include "schemas/base/suggest.h"

const struct command *const command_table[] = {
#define COMMAND(symbol) &command_##symbol,
#include "cmd/commands.def"
#undef COMMAND
    NULL,
};

const char *const workflow_titles[] = {
#define WORKFLOW(symbol, title) title,
#include "cmd/frame/workflows.def"
#undef WORKFLOW
};

static const struct command *find_name(const char *name) {
    for (size_t i = 0; command_table[i]; i++)
        if (strcmp(command_table[i]->name, name) == 0)
            return command_table[i];
    return NULL;
}

const struct command *command_find(const char *first, const char *second, size_t *words) {
    const struct command *found = NULL;
    if (second) {
        AUTO(string_free) char *both = xasprintf("%s %s", first, second);
        found = find_name(both);
        *words = 2;
    }
    if (!found) {
        found = find_name(first);
        *words = 1;
    }
    return found;
}

unsigned command_formats(const struct command *command) {
    return command->run ? command->formats | FORMAT_BIT(FORMAT_TEXT) : 0;
}

bool command_offers(const struct command *command, const struct option_row *row, size_t choice) {
    unsigned formats = command_formats(command);
    return row->choices != output_format_names || !formats || (formats & FORMAT_BIT(choice));
}

bool command_in_group(const struct command *command, const char *group) {
    size_t length = strlen(group);
    return strncmp(command->name, group, length) == 0 &&
           (command->name[length] == '\0' || command->name[length] == ' ');
}

bool command_unknown(const char *word, struct error *err) {
    AUTO(strings_clear) struct strings names = { 0 };
    for (size_t i = 0; command_table[i]; i++)
        strings_add(&names, command_table[i]->name);
    AUTO(string_free) char *near = suggest_nearest(word, &names);
    error_set(err, ERROR_USAGE, "there is no command '%s'", word);
    if (near)
        return error_hint(err, "did you mean '%s'? 'ecmig help' lists the commands", near);
    return error_hint(err, "'ecmig help' lists the commands");
}
