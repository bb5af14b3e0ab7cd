/* The programs that the migration file names, by content. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/observe/observe.h"
#include "schemas/base/digest.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"

#define PROGRAM_CEILING_BYTES ((size_t)256 << 20)

static char *found_on_path(const char *name) {
    const char *path = getenv("PATH");
    while (path && *path) {
        size_t length = strcspn(path, ":");
        AUTO(string_free) char *folder = xstrndup(path, length);
        char *candidate = path_join(length ? folder : ".", name);
        if (access(candidate, X_OK) == 0)
            return candidate;
        free(candidate);
        path += length + (path[length] == ':');
    }
    return xstrdup(name);
}

/* What an interpreter is given to run is the program as much as the interpreter is. */
static bool is_interpreter(const char *program) {
    static const char *const patterns[] = { "env",   "*sh",  "python*", "perl*",
                                            "ruby*", "node", "php*",    "lua*" };
    const char *slash = strrchr(program, '/');
    for (size_t i = 0; i < COUNT(patterns); i++)
        if (fnmatch(patterns[i], slash ? slash + 1 : program, 0) == 0)
            return true;
    return false;
}

static void digest_file(const char *path, char out[DIGEST_HEX_BYTES]) {
    AUTO(text_clear) struct text content = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    if (file_read(path, PROGRAM_CEILING_BYTES, &content, &err))
        digest_sha256_hex(text_string(&content), content.length, out);
    else
        (void)snprintf(out, DIGEST_HEX_BYTES, "not readable");
}

static void add_script(const struct strings *command, const char *config_folder,
                       struct pairs *out) {
    for (size_t i = 1; i < command->count; i++) {
        const char *word = command->items[i];
        AUTO(string_free) char *path = config_path(config_folder, word);
        struct stat at;
        if (*word == '-' || stat(path, &at) != 0 || !S_ISREG(at.st_mode))
            continue;
        char hex[DIGEST_HEX_BYTES];
        digest_file(path, hex);
        pairs_set(out, word, hex);
        return;
    }
}

void observe_command(const struct strings *command, const char *config_folder, struct pairs *out) {
    if (!command->count)
        return;
    const char *program = command->items[0];
    AUTO(string_free)
    char *path =
        strchr(program, '/') ? config_path(config_folder, program) : found_on_path(program);
    char hex[DIGEST_HEX_BYTES] = "absent";
    bool runs = access(path, X_OK) == 0;
    if (runs)
        digest_file(path, hex);
    else if (errno != ENOENT && errno != ENOTDIR)
        (void)snprintf(hex, sizeof hex, "not executable");
    pairs_set(out, program, hex);
    if (is_interpreter(program))
        add_script(command, config_folder, out);
}

void observe_hook(const struct config_hook *hook, const char *config_folder, struct pairs *out) {
    observe_command(&hook->run, config_folder, out);
    observe_command(&hook->check, config_folder, out);
    observe_command(&hook->undo, config_folder, out);
}

void observe_hooks(const struct config *config, const char *config_folder, struct pairs *out) {
    for (size_t i = 0;; i++) {
        AUTO(string_free) char *key = NULL;
        const struct config_hook *hook = config_hook_at(config, i, &key);
        if (!hook)
            return;
        observe_hook(hook, config_folder, out);
    }
}

void observe_secret_programs(const struct config *config, const char *config_folder,
                             struct pairs *out) {
    struct config_secret_place place;
    for (size_t i = 0; config_secret_at(config, i, &place); i++)
        observe_command(&place.reference->exec, config_folder, out);
}
