/* How long the service takes for what. */
#pragma once

#include <stdint.h>

enum local_pace { LOCAL_PACE_FAST, LOCAL_PACE_REAL };

/* PACE(field, fast, real), milliseconds. */
#define LOCAL_PACES(PACE)                                                                          \
    PACE(create_ms, 300, 90000)                                                                    \
    PACE(modify_ms, 200, 30000)                                                                    \
    PACE(delete_ms, 200, 60000)                                                                    \
    PACE(test_ms, 200, 30000)                                                                      \
    PACE(start_ms, 200, 30000)                                                                     \
    PACE(reshard_ms, 300, 120000)                                                                  \
    PACE(give_up_ms, 4000, 60000)                                                                  \
    PACE(complete_ms, 100, 45000)                                                                  \
    PACE(replace_ms, 500, 60000)

struct pace {
#define PACE(field, fast, real) int64_t field;
    LOCAL_PACES(PACE)
#undef PACE
};

extern const struct pace local_paces[]; /* by enum local_pace */
