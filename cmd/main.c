/* argv to row to exit status. */
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "cmd/frame/command.h"
#include "cmd/frame/usage.h"
#include "providers/trace/recorder.h"
#include "schemas/base/memory.h"
#include "schemas/base/strings.h"

static bool begin_trace(const struct command *command, const struct options *options,
                        struct error *err) {
    const struct trace_options trace = { .path = options_string(options, "trace"),
                                         .command = command->name };
    return !trace.path || trace_begin(&trace, err);
}

/* A trace that is incomplete is said, and changes nothing about how the command ended. */
static void finish_trace(struct output *output, enum exit_class class) {
    AUTO(error_clear) struct error err = { 0 };
    if (!trace_finish(exit_class_status(class), &err))
        output_warn(output, "%s", err.message);
}

/* Words are the command line without the program and the command's own name. */
static enum exit_class run_command(const struct command *command, size_t count, char *const *words,
                                   struct output *output, struct error *err) {
    AUTO(options_free)
    struct options *options = options_new(command->options, command->option_count, command->name);
    size_t used = 0;
    options_offer(options, OPTION_FORMAT, command_formats(command));
    bool parsed = options_parse(options, count, words, false, &used, err);
    output_configure(output, options); /* first: it says how a fault is written */
    if (parsed && options_help(options)) {
        usage_show(command, output);
        return EXIT_CLASS_OK;
    }
    if (!parsed || !usage_accepts(command, options, err)) {
        enum exit_class class = error_exit_class(err->code);
        if (command->refused)
            command->refused(options, output, class);
        return class;
    }
    if (!begin_trace(command, options, err))
        return error_exit_class(err->code);
    struct call call = { command, options, options_arguments(options), output };
    return command->run(&call, err);
}

static enum exit_class dispatch(size_t count, char *const *words, struct output *output,
                                struct error *err) {
    AUTO(options_free) struct options *leading = options_new(NULL, 0, NULL);
    size_t before = 0, named = 1;
    if (count == 1 && strcmp(words[0], "--version") == 0)
        return run_command(&command_version, 0, NULL, output, err);
    bool parsed = options_parse(leading, count, words, true, &before, err);
    output_configure(output, leading);
    if (!parsed)
        return error_exit_class(err->code);
    const char *first = before < count ? words[before] : options_help(leading) ? "help" : NULL;
    const char *second = before + 1 < count ? words[before + 1] : NULL;
    if (!first) {
        error_set(err, ERROR_USAGE, "no command is given");
        error_hint(err, "'ecmig help' lists the commands");
        return EXIT_CLASS_USAGE;
    }
    const struct command *command = command_find(first, second, &named);
    if (!command) {
        (void)command_unknown(first, err);
        return EXIT_CLASS_USAGE;
    }
    if (before == count)
        return run_command(command, 0, NULL, output, err);
    AUTO(strings_clear) struct strings rest = { 0 };
    for (size_t i = 0; i < count; i++)
        if (i < before || i >= before + named)
            strings_add(&rest, words[i]);
    return run_command(command, rest.count, rest.items, output, err);
}

/* A core would hold passwords and keys; the local endpoint has none that mean anything. Sanitizers
 * must be able to look into the process. */
static void leave_no_core(const char *command) {
    if (strcmp(command, "local") == 0)
        return;
#ifndef ECMIG_SANITIZED
    const struct rlimit none = { 0, 0 };
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

int main(int count, char **words) {
    leave_no_core(count > 1 ? words[1] : "");
    AUTO(output_free) struct output *output = output_new();
    AUTO(error_clear) struct error err = { 0 };
    size_t given = count > 0 ? (size_t)count - 1 : 0;
    enum exit_class class = dispatch(given, words + 1, output, &err);
    if (err.code != ERROR_NONE)
        output_error(output, &err, class);
    error_clear(&err);
    if (!output_finish(output, &err)) {
        class = class == EXIT_CLASS_OK ? EXIT_CLASS_ERROR : class;
        output_error(output, &err, class);
    }
    finish_trace(output, class);
    return exit_class_status(class);
}
