/* Function libraries on both sides: by name and code, in any order. */
#pragma once

#include "executor/verify/compare.h"

MUST_CHECK bool functions_compare(struct comparison *comparison, struct error *err);
