/* Hours of the day in which the cutover may start, as cutover.window says them. Pure: the time is
 * given. Both ends belong to the window; one that ends before it begins lasts over midnight. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/config/config.h"

struct window {
    int64_t from_ms, until_ms; /* of the day, in its zone */
    int64_t ahead_ms;          /* of UTC */
};

/* ERROR_FORMAT for what the loader would have refused. */
MUST_CHECK bool window_read(const struct config_window *config, struct window *out,
                            struct error *err);
bool window_is_open(const struct window *window, int64_t at_ms);
/* When it opens next, after at_ms; at_ms itself while it is open. */
int64_t window_opens_at_ms(const struct window *window, int64_t at_ms);
