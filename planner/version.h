/* Engine versions as people write them: "7", "6.2", "7.0.15". */
#pragma once

#include <stdbool.h>

/* Missing parts of `version` count as 0; false for NULL and for what is not a version. */
bool version_at_least(const char *version, int major, int minor, int patch);
/* Known, and older. An unknown version is neither at least nor below. */
bool version_below(const char *version, int major, int minor, int patch);
/* "8.0" covers 8.0 and 8.0.3, not 8.01; both non-NULL. */
bool version_covers(const char *wanted, const char *seen);
