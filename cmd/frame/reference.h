/* The keys of the migration file, made from its schema. */
#pragma once

#include "schemas/base/text.h"

void reference_add(struct text *text);
