/* Files: read whole within a bound, written so that a crash leaves the old or the new one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/base/text.h"

/* Reads at most ceiling_bytes into out (replaced); ERROR_NOT_FOUND, ERROR_IO (with a hint
 * where it may not be read), ERROR_LIMIT. "-" is
 * stdin. */
MUST_CHECK bool file_read(const char *path, size_t ceiling_bytes, struct text *out,
                          struct error *err);
/* Writes beside, fsyncs, renames, fsyncs the folder; a device or a pipe is written directly.
 * A symbolic link in its place is replaced, never followed, but for those of /dev and /proc.
 * mode as in open(2), 0600 for what is private; a file of ours that is there keeps its own.
 */
MUST_CHECK bool file_write(const char *path, const void *bytes, size_t length, unsigned mode,
                           struct error *err);
/* Opens it to append; made with the mode where it is not there. A link is an error. */
MUST_CHECK bool file_append(const char *path, unsigned mode, int *out, struct error *err);
MUST_CHECK bool folder_make(const char *path, unsigned mode,
                            struct error *err);        /* parents too; present is fine */
char *path_join(const char *folder, const char *name); /* the caller frees */
char *path_folder(const char *path); /* "." where there is none; the caller frees */
/* False only where nothing is there for certain: what may not be looked at counts as existing, so
 * that reading it says why. */
bool path_exists(const char *path);
MUST_CHECK bool
path_absolute(const char *path, char **out,
              struct error *err); /* resolves against the working directory, need not exist */
