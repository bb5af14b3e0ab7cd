#include <stdlib.h>
#include <string.h>

#include "providers/process/child.h"
#include "schemas/base/clock.h"
#include "schemas/base/files.h"
#include "schemas/base/memory.h"
#include "schemas/base/secret.h"
#include "schemas/config/config.h"

#define SECRET_CEILING_BYTES ((size_t)64 << 10)
#define SECRET_WITHIN_MS 30000 /* a program that asks a vault */

static bool keep(const char *bytes, size_t length, const char *what, const char *origin,
                 struct secret **out, struct error *err) {
    if (length > 0 && bytes[length - 1] == '\n')
        length--;
    if (length == 0)
        return error_set(err, ERROR_CREDENTIALS, "%s: '%s' gives an empty secret", what, origin);
    *out = secret_new(bytes, length);
    return true;
}

static bool from_environment(const char *name, const char *what, struct secret **out,
                             struct error *err) {
    const char *value = getenv(name);
    if (value && *value) {
        *out = secret_new(value, strlen(value));
        return true;
    }
    error_set(err, ERROR_CREDENTIALS, "%s: the environment variable '%s' is %s", what, name,
              value ? "empty" : "not set");
    return error_hint(err, "export it before starting ecmig");
}

static bool from_file(const char *folder, const char *name, const char *what, struct secret **out,
                      struct error *err) {
    AUTO(string_free)
    char *path = name[0] == '/' || !folder ? xstrdup(name) : path_join(folder, name);
    AUTO(text_clear) struct text content = { 0 };
    if (!file_read(path, SECRET_CEILING_BYTES, &content, err))
        return error_wrap(err, "%s", what) ||
               (err->hint ? false
                          : error_hint(err, "paths are relative to the migration file's folder"));
    bool kept = keep(text_string(&content), content.length, what, name, out, err);
    if (content.bytes)
        secret_wipe(content.bytes, content.capacity);
    return kept;
}

static bool from_program(const struct strings *command, const char *folder, const char *what,
                         struct secret **out, struct error *err) {
    const struct process_options options = { .command = command,
                                             .folder = folder,
                                             .output_ceiling_bytes = SECRET_CEILING_BYTES,
                                             .deadline_mono_ms =
                                                 clock_mono_ms() + SECRET_WITHIN_MS };
    AUTO(child_clear) struct child child = { 0 };
    bool kept = child_run(&options, false, &child, err);
    if (!kept)
        error_wrap(err, "%s", what);
    else if (child.status != 0)
        kept = error_set(err, ERROR_CREDENTIALS, "%s: '%s' ended with status %d", what,
                         command->items[0], child.status) ||
               error_hint(err, "run it by hand from the migration file's folder");
    else if (child.dropped_bytes)
        kept = error_set(err, ERROR_LIMIT, "%s: '%s' printed more than %zu bytes", what,
                         command->items[0], SECRET_CEILING_BYTES);
    else
        kept = keep(text_string(&child.output), child.output.length, what, command->items[0], out,
                    err);
    if (child.output.bytes)
        secret_wipe(child.output.bytes, child.output.capacity);
    return kept;
}

bool process_secret(const struct config_secret *reference, const char *config_folder,
                    const char *what, struct secret **out, struct error *err) {
    if (reference->env)
        return from_environment(reference->env, what, out, err);
    if (reference->file)
        return from_file(config_folder, reference->file, what, out, err);
    if (reference->exec.count)
        return from_program(&reference->exec, config_folder, what, out, err);
    *out = NULL;
    return true;
}
