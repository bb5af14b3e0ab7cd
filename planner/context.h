/* The part of a plan that is for readers: who, what, where, estimates, the verdict. Not hashed. */
#pragma once

#include "planner/situation.h"
#include "schemas/base/findings.h"
#include "schemas/plan/plan.h"

/* Wants the core's steps and findings; times and file names are left to the caller. */
void context_fill(struct plan *plan, const struct situation *situation,
                  const struct findings *found);
