/* The resolved configuration as a plan carries it: from the rows of fields.c, like the file. A
 * section is an object; durations and sizes have their unit in the key, as timeout_ms. */
#include "schemas/config/config.h"

#include <stddef.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/config/fields.h"
#include "schemas/json/shape.h"

struct list { /* as every {items, count} of structs */
    void *items;
    size_t count;
};

static const struct {
    enum shape_type type;
    size_t size;      /* of the member; 0: of its table's struct */
    const char *unit; /* at the end of the key */
} kinds[FIELD_KINDS] = {
    [FIELD_SECTION] = { SHAPE_STRUCT, 0, "" },
    [FIELD_STRING] = { SHAPE_STRING, sizeof(char *), "" },
    [FIELD_DATE] = { SHAPE_STRING, sizeof(char *), "" },
    [FIELD_CHOICE] = { SHAPE_CHOICE, sizeof(int), "" },
    [FIELD_DURATION] = { SHAPE_INT, sizeof(int64_t), "_ms" },
    [FIELD_BYTES] = { SHAPE_INT, sizeof(int64_t), "_bytes" },
    [FIELD_INTEGER] = { SHAPE_INT, sizeof(int64_t), "" },
    [FIELD_BOOL] = { SHAPE_BOOL, sizeof(bool), "" },
    [FIELD_TRI] = { SHAPE_TRI, sizeof(enum tri), "" },
    [FIELD_STRINGS] = { SHAPE_STRINGS, sizeof(struct strings), "" },
    [FIELD_ADDRESSES] = { SHAPE_STRINGS, sizeof(struct strings), "" },
    [FIELD_ARGUMENTS] = { SHAPE_STRINGS, sizeof(struct strings), "" },
    [FIELD_PAIRS] = { SHAPE_LIST, sizeof(struct pairs), "" },
    [FIELD_GROUP] = { SHAPE_STRUCT, 0, "" },
    [FIELD_GROUPS] = { SHAPE_LIST, sizeof(struct list), "" },
};

/* A part of a table's struct: the members whose rows begin so. */
struct span {
    const char *prefix; /* "source.", or "" for all of it */
    size_t begin, end;
};

static struct span span_of(const struct field_table *table, const char *prefix) {
    struct span span = { prefix, *prefix ? SIZE_MAX : 0, *prefix ? 0 : table->size };
    for (size_t i = 0; i < table->count; i++) {
        const struct field *row = &table->rows[i];
        if (strncmp(row->path, prefix, strlen(prefix)) != 0 || row->kind == FIELD_SECTION)
            continue;
        size_t size = kinds[row->kind].size ? kinds[row->kind].size : row->table->size;
        if (row->offset < span.begin)
            span.begin = row->offset;
        if (row->offset + size > span.end)
            span.end = row->offset + size;
    }
    return span;
}

static const struct shape *shape_of(const struct field_table *table, const struct span *span,
                                    const char *name);

static unsigned flags_of(const struct field *row) {
    bool may_be_unset = row->kind == FIELD_INTEGER && row->fallback == SHAPE_UNSET;
    return (row->flags & FIELD_STORED ? SHAPE_REQUIRED : 0U) |
           (row->flags & FIELD_SPARED || may_be_unset ? SHAPE_OPTIONAL : 0U);
}

static struct shape_field field_of(const struct field_table *table, const struct field *row,
                                   const char *key, size_t begin) {
    struct shape_field field = { .name = xasprintf("%s%s", key, kinds[row->kind].unit),
                                 .type = kinds[row->kind].type,
                                 .offset = row->offset - begin,
                                 .flags = flags_of(row) };
    if (row->kind == FIELD_SECTION) {
        AUTO(string_free) char *prefix = xasprintf("%s.", row->path);
        struct span span = span_of(table, prefix);
        field.offset = span.begin - begin;
        field.shape = shape_of(table, &span, field.name);
    } else if (row->table) {
        struct span all = span_of(row->table, "");
        field.shape = shape_of(row->table, &all, field.name);
    } else if (row->kind == FIELD_PAIRS) {
        field.shape = &pair_shape;
    } else if (row->kind == FIELD_CHOICE) {
        field.choices = row->choices;
    }
    return field;
}

static const struct shape *shape_of(const struct field_table *table, const struct span *span,
                                    const char *name) {
    struct shape *shape = xcalloc(1, sizeof *shape);
    struct shape_field *fields = xcalloc(table->count, sizeof *fields);
    *shape = (struct shape){ .name = name, .size = span->end - span->begin, .fields = fields };
    for (size_t i = 0; i < table->count; i++) {
        const char *key = field_key(&table->rows[i], span->prefix);
        if (key)
            fields[shape->field_count++] = field_of(table, &table->rows[i], key, span->begin);
    }
    return shape;
}

/* Made once, and kept: there is no configuration before one was read, which is before any thread.
 */
const struct shape *config_shape(void) {
    static const struct shape *made;
    if (!made) {
        struct span all = span_of(&config_fields, "");
        made = shape_of(&config_fields, &all, "config");
    }
    return made;
}

void config_clear(struct config *config) {
    if (config)
        shape_clear(config_shape(), config);
}
