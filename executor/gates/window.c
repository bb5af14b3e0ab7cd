/* The cutover starts within the hours that the file allows. */
#include "schemas/config/window.h"
#include "executor/gates/gate.h"
#include "schemas/base/clock.h"
#include "schemas/base/memory.h"
#include "schemas/base/units.h"

static bool pass(struct step_run *run, const struct plan_gate *gate, struct error *err) {
    const struct config_window *config = &run->site->config->cutover.window;
    struct window window;
    char opens[CLOCK_TEXT_BYTES];
    int64_t now_ms = clock_wall_ms();
    (void)gate;
    if (!window_read(config, &window, err))
        return false;
    if (window_is_open(&window, now_ms))
        return true;
    int64_t opens_at_ms = window_opens_at_ms(&window, now_ms);
    clock_format_seconds(opens_at_ms, opens);
    AUTO(string_free) char *left = units_duration(opens_at_ms - now_ms);
    error_set(err, ERROR_GATE, "waits for the window %s to %s %s, which opens at %s",
              config->not_before, config->not_after, config->zone, opens);
    return error_hint(err, "apply again in %s; the target continues to replicate", left);
}

const struct gate_condition gate_condition_window = { .name = "window", .pass = pass };
