/* Programs run with the content that was approved with the plan, wherever they stand on this
 * machine: hooks, and what prints a secret. The plan's core holds the digest of each. */
#pragma once

#include <stdbool.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"
#include "schemas/config/config.h"
#include "schemas/plan/plan.h"

struct pins {
    const struct plan *plan;        /* NULL: nothing was approved, and everything may run */
    const char *config_folder;      /* that relative paths are meant from */
    const char *config_file;        /* as "the next command" takes it; or NULL */
    const struct strings *accepted; /* digests that the operator accepts instead; or NULL */
};

/* ERROR_STALE names the first file that differs, with both digests, and what to do. A file that the
 * plan of an older planner did not look at is not held against it. */
MUST_CHECK bool pins_command(const struct pins *pins, const struct strings *command,
                             struct error *err);
/* The digest of a program of the command that differs from the plan's and was accepted; NULL: none.
 * The caller frees. */
char *pins_accepted(const struct pins *pins, const struct strings *command);
MUST_CHECK bool pins_hook(const struct pins *pins, const struct config_hook *hook,
                          struct error *err);
MUST_CHECK bool pins_all_hooks(const struct pins *pins, const struct config *config,
                               struct error *err);
/* What the program that prints the secret is; a reference without one holds. */
MUST_CHECK bool pins_secret(const struct pins *pins, const struct config_secret *reference,
                            const char *what, struct error *err);
