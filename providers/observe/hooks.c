#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void add(const struct strings *command, const char *config_folder, struct pairs *out) {
    if (!command->count)
        return;
    const char *program = command->items[0];
    AUTO(string_free)
    char *path =
        strchr(program, '/') ? config_path(config_folder, program) : found_on_path(program);
    AUTO(text_clear) struct text content = { 0 };
    AUTO(error_clear) struct error err = { 0 };
    char hex[DIGEST_HEX_BYTES] = "absent";
    if (access(path, X_OK) != 0 && errno != ENOENT && errno != ENOTDIR)
        (void)snprintf(hex, sizeof hex, "not executable");
    else if (access(path, X_OK) == 0) {
        if (file_read(path, PROGRAM_CEILING_BYTES, &content, &err))
            digest_sha256_hex(content.bytes, content.length, hex);
        else
            (void)snprintf(hex, sizeof hex, "not readable");
    }
    pairs_set(out, program, hex);
}

static void add_hook(const struct config_hook *hook, const char *config_folder, struct pairs *out) {
    add(&hook->run, config_folder, out);
    add(&hook->check, config_folder, out);
    add(&hook->undo, config_folder, out);
}

void observe_hooks(const struct config *config, const char *config_folder, struct pairs *out) {
    add_hook(&config->cutover.hold, config_folder, out);
    for (size_t i = 0; i < config->cutover.switch_hooks.count; i++)
        add_hook(&config->cutover.switch_hooks.items[i], config_folder, out);
}
