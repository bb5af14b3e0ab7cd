/* Rules that span several keys. Private to schemas/config. */
#pragma once

#include "schemas/config/config.h"
#include "schemas/config/fault.h"
#include "schemas/config/tree.h"

/* What is wrong with what a reference names; NULL when nothing is. `for_git`: it may be the token
 * of a git host. */
const char *secret_reference_fault(const struct config_secret *reference, bool for_git);
void cross_check(const struct config *config, const struct node *root, struct faults *faults);
