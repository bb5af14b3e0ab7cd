/* Every example that the help of a command shows is a command line that the program takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/frame/command.h"
#include "cmd/frame/usage.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"

/* The words of a line as a shell gives them, up to a redirection or a comment; of quotes, it has
 * the single ones. */
static void split(const char *line, struct strings *words) {
    while (*(line += strspn(line, " ")) && !strchr("#>|", *line)) {
        bool quoted = *line == '\'';
        line += quoted;
        AUTO(string_free) char *word = xstrndup(line, strcspn(line, quoted ? "'" : " "));
        strings_add(words, word);
        line += strlen(word) + quoted;
    }
}

/* NULL, or why the line is refused. The words after the name are the options' and arguments. */
static char *why_refused(const struct command *command, struct strings *words, size_t named) {
    AUTO(error_clear) struct error err = { 0 };
    AUTO(options_free)
    struct options *options = options_new(command->options, command->option_count, command->name);
    size_t used = 0;
    options_offer(options, OPTION_FORMAT, command_formats(command));
    bool sound = options_parse(options, words->count - 1 - named, words->items + 1 + named, false,
                               &used, &err) &&
                 usage_accepts(command, options, &err);
    return sound ? NULL : xstrdup(err.message);
}

static void assert_taken(const struct command *of, const char *line) {
    AUTO(strings_clear) struct strings words = { 0 };
    size_t named = 0;
    split(line, &words);
    if (words.count < 2 || strcmp(words.items[0], "ecmig") != 0)
        fail_msg("'%s' of '%s' is not a command line of ecmig", line, of->name);
    const struct command *command =
        command_find(words.items[1], words.count > 2 ? words.items[2] : NULL, &named);
    if (!command)
        fail_msg("'%s' of '%s' names no command", line, of->name);
    AUTO(string_free) char *why = why_refused(command, &words, named);
    if (why)
        fail_msg("'%s' of '%s': %s", line, of->name, why);
}

static void every_example_is_a_command_line(void **state) {
    (void)state;
    size_t count = 0;
    for (size_t i = 0; command_table[i]; i++) {
        const char *at = command_table[i]->examples;
        if (!at || !*at)
            fail_msg("'%s' has no example", command_table[i]->name);
        while (*at) {
            AUTO(string_free) char *line = xstrndup(at, strcspn(at, "\n"));
            assert_taken(command_table[i], line);
            at += strlen(line);
            at += *at == '\n';
            count++;
        }
    }
    print_message("%zu examples\n", count);
}

/* One of the examples is of the command itself. */
static void a_command_shows_itself(void **state) {
    (void)state;
    for (size_t i = 0; command_table[i]; i++) {
        AUTO(string_free) char *itself = xasprintf("ecmig %s", command_table[i]->name);
        if (!strstr(command_table[i]->examples, itself))
            fail_msg("no example of '%s' has '%s'", command_table[i]->name, itself);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_is_a_command_line),
        cmocka_unit_test(a_command_shows_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
