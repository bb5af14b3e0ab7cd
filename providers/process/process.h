/* Programs that the operator named: hooks and `exec` secrets. argv as given, no shell. At the
 * deadline, when it is called off and when we are killed ourselves, the program is killed with all
 * that descends from it, also what went to another session. What a program that ended by itself
 * left running continues to run. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/base/text.h"

struct process_options {
    const struct strings *command;
    const struct strings *environment; /* NAME=VALUE, added to ours */
    const struct strings *withheld;    /* names of ours that it does not get; may be NULL */
    const char *folder;                /* working directory; NULL: ours */
    const void *input;                 /* what stands on its stdin; NULL: nothing */
    size_t input_length;
    size_t output_ceiling_bytes; /* stdout and stderr together; the rest is dropped and said */
    int64_t deadline_mono_ms;
    /* Asked several times a second; true ends the program with ERROR_ABORTED. NULL: never. */
    bool (*abandon)(void *context);
    void *abandon_context;
};

struct process_result {
    int status;         /* exit status; 128 + signal when killed */
    struct text output; /* stdout and stderr as they came */
};
/* ERROR_NOT_FOUND (no such program), ERROR_DEADLINE, ERROR_ABORTED; a non-zero status is not an
 * error here. */
MUST_CHECK bool process_run(const struct process_options *options, struct process_result *out,
                            struct error *err);
void process_result_clear(struct process_result *result);
AUTO_VALUE(struct process_result, process_result_clear)

/* Resolves a secret reference of the migration file; NULL in *out when none is given. stdout alone
 * is the secret, less one newline at its end. Environment variables are read, files are read,
 * programs are run; errors name the reference, never the value. */
struct secret;
struct config_secret;
MUST_CHECK bool process_secret(const struct config_secret *reference, const char *config_folder,
                               const char *what, struct secret **out, struct error *err);
