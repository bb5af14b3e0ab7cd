/* The keys of the migration file, one row each: defaults, loader, faults, JSON Schema, help and the
 * configuration in a plan come from the rows. Private to schemas/config. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/language.h"

enum field_kind {
    FIELD_SECTION,   /* a mapping whose keys are later rows of the same table */
    FIELD_STRING,    /* char *; minimum and maximum are its length in bytes */
    FIELD_DATE,      /* char *, YYYY-MM-DD */
    FIELD_CHOICE,    /* enum, by its place in choices */
    FIELD_DURATION,  /* int64_t, milliseconds */
    FIELD_BYTES,     /* int64_t */
    FIELD_INTEGER,   /* int64_t; SHAPE_UNSET as fallback means "not given" is something */
    FIELD_BOOL,      /* bool */
    FIELD_TRI,       /* enum tri */
    FIELD_STRINGS,   /* struct strings, a set; minimum and maximum count them */
    FIELD_ADDRESSES, /* struct strings, HOST:PORT each */
    FIELD_ARGUMENTS, /* struct strings, a program and its arguments, kept in order */
    FIELD_PAIRS,     /* struct pairs; maximum counts them; pattern is of the name */
    FIELD_GROUP,     /* an embedded struct with a table of its own */
    FIELD_GROUPS,    /* {items, count} of structs with a table of their own */
    FIELD_KINDS
};

enum field_flags {
    FIELD_REQUIRED = 1,
    FIELD_QUIET = 2,   /* faults do not repeat the value: it may be a secret in the wrong place */
    FIELD_REFUSED = 4, /* not supported yet, with any value */
    FIELD_PATH = 8,    /* a string that names a file or folder: nothing expands it */
    FIELD_STORED =
        16, /* a plan whose configuration lacks it is refused, although it has a default */
    FIELD_SPARED = 32, /* left out of a plan while nothing of it is given: older plans lack it */
    FIELD_ONE_OF = 64, /* exactly one of these rows of a mapping is given */
};

struct field {
    const char *path; /* "source.timeout" */
    enum field_kind kind;
    size_t offset;
    unsigned flags;
    int64_t fallback, minimum, maximum;
    const char *fallback_text;
    const char *const *choices; /* NULL-terminated; also for strings */
    unsigned refused_choices;   /* one bit each: parsed, but not supported yet */
    const char *pattern;        /* POSIX extended and ECMA alike */
    const char *wanted;         /* the pattern in words */
    const char *help;           /* one sentence without full stop */
    const struct field_table *table;
};

struct field_table {
    const struct field *rows;
    size_t count;
    size_t size;  /* of the struct */
    bool one_key; /* exactly one of the keys is given; a single value there is a literal secret */
};

extern const struct field_table config_fields;

/* The key of a row directly under `prefix` ("source."), else NULL. */
const char *field_key(const struct field *row, const char *prefix);
const struct field *field_find(const struct field_table *table, const char *path);
struct json;
struct json *fields_schema(const struct field_table *table, const char *title); /* draft-07 */
