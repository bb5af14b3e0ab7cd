/* What the service must allow for a step: its file (planner/steps) says which of iam.def, as bits.
 */
#pragma once

#include <stdbool.h>

#include "schemas/config/config.h"

enum iam_place { /* only to number the bits */
#define IAM_NEED(need, statement) IAM_PLACE_##need,
#include "planner/iam.def"
};
enum iam_need {
#define IAM_NEED(need, statement) IAM_##need = 1 << IAM_PLACE_##need,
#include "planner/iam.def"
};

/* A plan of this configuration may create the group; may change one that exists. */
bool iam_creates(const struct config *config);
bool iam_modifies(const struct config *config);
