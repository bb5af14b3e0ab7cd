/* Rules that span several keys. Private to schemas/config. */
#pragma once

#include "schemas/config/config.h"
#include "schemas/config/fault.h"
#include "schemas/config/tree.h"

void cross_check(const struct config *config, const struct node *root, struct faults *faults);
