/* --policy FILE or ECMIG_POLICY: what a migration file may name is judged before a connection is
 * made, a secret is read or a program is run. */
#pragma once

#include <stdbool.h>

#include "cmd/frame/command.h"
#include "schemas/config/config.h"

/* ERROR_REFUSED after each violation was shown. Without a policy everything holds. `folder` is that
 * of the migration file. */
MUST_CHECK bool policy_holds(const struct call *call, const struct config *config,
                             const char *folder, struct error *err);
