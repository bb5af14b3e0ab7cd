/* The shared files of the AWS tools: ~/.aws/config and ~/.aws/credentials.
 *
 * Sections in brackets, `key = value` or `key: value` lines, comments that start with # or ;.
 * Section names and keys are kept as the tools mean them: keys in lower case, a nested key (an
 * indented line under a key without a value) as "outer.inner". A section that is met twice is one;
 * the later value wins. What [DEFAULT] sets (in capitals) counts for every section without it.
 * Values may be secrets: they are wiped when freed, and no error repeats one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"

/* Generated files of large organizations have a section for each role in each account. */
#define PROFILE_FILE_CEILING_BYTES ((size_t)32 << 20)
#define PROFILE_SECTION_CEILING 1000000
#define PROFILE_KEY_CEILING 1000 /* in one section */

struct profile_key {
    char *name, *value;
};

struct profile_section {
    char *name; /* as between the brackets, blanks squeezed: "profile deploy" */
    size_t first_line;
    struct profile_key *items;
    size_t count;
    const struct profile_section *defaults; /* NULL: none */
};

struct profile_file {
    struct profile_section *items; /* by name */
    size_t count;
};

/* Pure. ERROR_FORMAT with the line; `name` is the file's. */
MUST_CHECK bool profile_parse(const void *bytes, size_t length, const char *name,
                              struct profile_file *out, struct error *err);
const struct profile_section *profile_find(const struct profile_file *file, const char *section);
const char *profile_value(const struct profile_section *section, const char *key); /* NULL: none */
void profile_file_clear(struct profile_file *file);
AUTO_VALUE(struct profile_file, profile_file_clear)
