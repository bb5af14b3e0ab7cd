/* --policy FILE or ECMIG_POLICY: what a command would reach and use is judged, wherever it was
 * given (migration file, command line, environment, AWS profile), before a connection is made, a
 * secret of the file is read or a program is run. */
#pragma once

#include <stdbool.h>

#include "cmd/frame/command.h"
#include "schemas/config/config.h"

/* ERROR_BLOCKED after each violation was shown. Without a policy everything holds. `folder` is that
 * of the migration file; without one `config` is NULL, and only the command line is judged. */
MUST_CHECK bool file_policy_holds(const struct call *call, const struct config *config,
                                  const char *folder, struct error *err);
