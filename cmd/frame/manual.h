/* The manual page ecmig(1), made from the rows. */
#pragma once

#include "schemas/base/text.h"

void manual_add(struct text *text);
