/* A C struct and its JSON object, described once by rows: written, read, checked and freed from
 * them. A member's pointer is owned by the struct. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/json/json.h"

#define SHAPE_UNSET INT64_MIN

enum tri { TRI_UNSET, TRI_NO, TRI_YES };

enum shape_type {
    SHAPE_STRING,  /* char *; NULL is left out */
    SHAPE_INT,     /* int64_t */
    SHAPE_BOOL,    /* bool */
    SHAPE_STRINGS, /* struct strings */
    SHAPE_STRUCT,  /* an embedded struct, described by .shape */
    SHAPE_LIST,    /* {struct x *items; size_t count;}, each described by .shape */
    SHAPE_JSON,    /* struct json *, any value; NULL is left out */
    SHAPE_TRI,     /* enum tri: true, false, or left out */
    SHAPE_CHOICE,  /* enum (as int), written as the name in .choices */
};

enum shape_flags {
    SHAPE_OPTIONAL = 4, /* SHAPE_INT: SHAPE_UNSET is left out, and is what reading leaves behind.
                           SHAPE_STRUCT: left out while all of it is zero; SHAPE_LIST: while it is
                           empty */
    SHAPE_REQUIRED = 1, /* reading fails without it */
    SHAPE_MEASURE =
        2, /* moves by itself (a counter, a size): never hashed, see shape_write_except */
};

struct shape_field {
    const char *name;
    enum shape_type type;
    size_t offset;
    const struct shape *shape;
    const char *const *choices; /* NULL-terminated */
    unsigned flags;
};

struct shape {
    const char *name; /* in errors and schemas, as "plan step" */
    size_t size;
    const struct shape_field *fields;
    size_t field_count;
};

/* Row helpers: FIELD(struct plan_step, id, SHAPE_STRING, .flags = SHAPE_REQUIRED) */
#define FIELD(type_, member_, ...)                                                                 \
    { .name = #member_, .offset = offsetof(type_, member_), .type = __VA_ARGS__ }
#define SHAPE(name_, type_, rows_)                                                                 \
    { .name = name_, .size = sizeof(type_), .fields = rows_, .field_count = COUNT(rows_) }

struct json *shape_write(const struct shape *shape, const void *object);
/* Leaves out the fields that carry any of `flags`, at every depth. */
struct json *shape_write_except(const struct shape *shape, const void *object, unsigned flags);
/* Fills a zeroed object; unknown keys are ignored (a newer minor version). On failure the object is
 * cleared. ERROR_FORMAT names the path of the member. */
MUST_CHECK bool shape_read(const struct shape *shape, const struct json *value, void *object,
                           struct error *err);
void shape_clear(const struct shape *shape, void *object);
/* draft-07 JSON Schema of the shape. */
struct json *shape_schema(const struct shape *shape, const char *title);
