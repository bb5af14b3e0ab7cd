/* What will be needed, with the arithmetic: sentences for the plan's context, never hashed. */
#pragma once

#include "planner/situation.h"
#include "schemas/base/strings.h"

/* The copy goes at a speed between these: what one thread that loads, and a common network, do. */
#define PREDICT_FAST_BYTES_PER_S ((int64_t)75 << 20)
#define PREDICT_SLOW_BYTES_PER_S ((int64_t)50 << 20)

/* Nothing when the source was not seen, or once the target is promoted. */
void predict(const struct situation *situation, struct strings *out);
