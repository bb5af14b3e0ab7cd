/* A section of the sequence: one file and one row of sections.def each. A new step is a row in the
 * file of its section; when it is needed and how long it may take are functions above the rows. */
#pragma once

#include "planner/sequence.h"

struct sequence_section {
    const struct sequence_row *rows;
    size_t count;
};

#define SECTION(name) extern const struct sequence_section sequence_##name;
#include "planner/sequence/sections.def"
#undef SECTION

#define IN_MIGRATE IN_MODE(PLAN_MIGRATE)
#define IN_ABORT IN_MODE(PLAN_ABORT)

bool before_promotion(const struct situation *now);
int64_t minutes_2(const struct situation *now);
int64_t minutes_15(const struct situation *now);
int64_t hour(const struct situation *now);
int64_t two_hours(const struct situation *now);
int64_t completion(const struct situation *now);
