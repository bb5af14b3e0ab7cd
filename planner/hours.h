/* Hours of the service against those in which the file allows the cutover. */
#pragma once

#include <stdbool.h>

#include "schemas/config/config.h"

/* Is there a minute that lies in both? `hours` is UTC: "05:00-06:00" of every day, or
 * "sun:07:00-sun:08:00" of every week. What cannot be read meets nothing. */
bool hours_meet(const struct config_window *window, const char *hours);
