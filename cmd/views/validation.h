/* The faults of migration files, for `ecmig validate`. */
#pragma once

#include "schemas/base/findings.h"
#include "schemas/base/language.h"
#include "schemas/base/strings.h"

struct validation {
    struct findings faults;
    struct strings good; /* files without any */
};
void validation_clear(struct validation *validation);
AUTO_VALUE(struct validation, validation_clear)
