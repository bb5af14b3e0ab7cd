#include "providers/local/state/pace.h"

const struct pace local_paces[] = {
    [LOCAL_PACE_FAST] = {
#define PACE(field, fast, real) .field = (fast),
        LOCAL_PACES(PACE)
#undef PACE
    },
    [LOCAL_PACE_REAL] = {
#define PACE(field, fast, real) .field = (real),
        LOCAL_PACES(PACE)
#undef PACE
    },
};
