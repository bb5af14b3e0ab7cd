/* The names of a migration, made known to the trace before they are met. */
#pragma once

#include "schemas/config/config.h"

/* In the order of the file, so that every process of a migration gives the same placeholders. */
void names_learn(const struct config *config);
