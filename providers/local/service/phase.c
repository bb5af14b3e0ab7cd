#include "providers/local/service/phase.h"

#include "schemas/base/clock.h"

void group_enter(struct endpoint *endpoint, struct group *group, enum group_phase phase,
                 int64_t delay_ms) {
    group->phase = (int)phase;
    group->due_at_ms = clock_wall_ms() + delay_ms;
    endpoint->changed = true;
}
