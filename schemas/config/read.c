/* The walk: rows against the keys of a mapping. */
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/suggest.h"
#include "schemas/config/config.h"
#include "schemas/config/reading.h"

struct list { /* as every {items, count} of structs */
    char *items;
    size_t count;
};

static void set_default(const struct field *field, void *at) {
    switch (field->kind) {
    case FIELD_STRING:
        *(char **)at = xstrdup(field->fallback_text);
        break;
    case FIELD_DURATION:
    case FIELD_BYTES:
    case FIELD_INTEGER:
        *(int64_t *)at = field->fallback;
        break;
    case FIELD_CHOICE:
        *(int *)at = (int)field->fallback;
        break;
    case FIELD_BOOL:
        *(bool *)at = field->fallback != 0;
        break;
    default: /* zeroed already: not given */
        break;
    }
}

void read_defaults(const struct field_table *table, void *base) {
    for (size_t i = 0; i < table->count; i++)
        set_default(&table->rows[i], (char *)base + table->rows[i].offset);
}

static bool is_mapping(const struct reading *reading) {
    const struct node *node = reading->node;
    if (node->kind == NODE_MAPPING)
        return true;
    if (node->kind == NODE_SCALAR && node->plain && !node->length)
        reading_fault(reading, "has no value");
    else
        reading_fault(reading, "must be a mapping, not %s", node_kind_name(node->kind));
    fault_hint(reading->faults, "give it keys, indented below it, or remove it");
    return false;
}

static void read_group(const struct reading *reading, void *at) {
    const struct field_table *table = reading->field->table;
    if (table->one_key && reading->node->kind != NODE_MAPPING) {
        reading_fault(reading, "must be a reference to a secret, never the secret");
        fault_hint(reading->faults,
                   "write {env: NAME}, {file: PATH} or {exec: [PROGRAM, ARGUMENT]}");
        return;
    }
    if (!is_mapping(reading))
        return;
    read_defaults(table, at);
    read_mapping(reading, table, "", at);
    if (table->one_key && reading->node->count != 2) {
        reading_fault(reading, "has %zu keys, not one", reading->node->count / 2);
        fault_hint(reading->faults, "use one of env, file, exec");
    }
}

static void read_groups(const struct reading *reading, void *at) {
    const struct field *field = reading->field;
    const struct node *node = reading->node;
    struct list *list = at;
    if (node->kind != NODE_SEQUENCE || (int64_t)node->count > field->maximum) {
        if (node->kind != NODE_SEQUENCE)
            reading_fault(reading, "must be a list, not %s", node_kind_name(node->kind));
        else
            reading_fault(reading, "has more than %d items", (int)field->maximum);
        fault_hint(reading->faults, "start each item with a hyphen");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        AUTO(string_free) char *path = xasprintf("%s[%zu]", reading->path, i);
        struct reading item = { reading->faults, field, path, node->items[i] };
        list->items = list_grow(list->items, list->count, field->table->size);
        read_group(&item, list->items + list->count++ * field->table->size);
    }
}

static void read_field(const struct reading *reading, void *base) {
    const struct field *field = reading->field;
    void *at = (char *)base + field->offset;
    if (field->kind == FIELD_GROUP)
        read_group(reading, at);
    else if (field->kind == FIELD_GROUPS)
        read_groups(reading, at);
    else
        read_value(reading, at);
}

static void known_keys(const struct field_table *table, const char *prefix, struct strings *out) {
    for (size_t i = 0; i < table->count; i++) {
        const char *key = field_key(&table->rows[i], prefix);
        if (key)
            strings_add(out, key);
    }
}

/* The key is repeated only where it cannot be a secret: {hunter2} is a mapping too. */
static void unknown_key(const struct reading *mapping, const struct field_table *table,
                        const char *prefix, const struct node *key) {
    AUTO(strings_clear) struct strings known = { 0 };
    known_keys(table, prefix, &known);
    AUTO(string_free) char *all = strings_join(&known, ", ");
    AUTO(string_free) char *quoted = fault_quote(key->text);
    AUTO(string_free) char *nearest = suggest_nearest(key->text, &known);
    const char *where = *mapping->path ? mapping->path : "the file";
    if (table->one_key)
        fault(mapping->faults, key->at, "'%s' has an unknown key", where);
    else
        fault(mapping->faults, key->at, "unknown key %s in %s%s%s", quoted,
              *mapping->path ? "'" : "", where, *mapping->path ? "'" : "");
    if (strcmp(key->text, "<<") == 0)
        fault_hint(mapping->faults, "merge keys are not part of YAML 1.2: write the keys out");
    else if (nearest)
        fault_hint(mapping->faults, "did you mean '%s'?", nearest);
    else
        fault_hint(mapping->faults, "known keys: %s", all);
}

static bool is_repeated(const struct reading *mapping, size_t index, const char *path) {
    const struct node *key = mapping->node->items[index];
    for (size_t i = 0; i < index; i += 2) {
        const struct node *earlier = mapping->node->items[i];
        if (strcmp(earlier->text, key->text) != 0)
            continue;
        fault(mapping->faults, key->at, "'%s' is given twice", path);
        fault_hint(mapping->faults, "first on line %zu: keep one", earlier->at.line);
        return true;
    }
    return false;
}

static void read_key(const struct reading *mapping, const struct field_table *table,
                     const char *prefix, size_t index, void *base) {
    const struct node *key = mapping->node->items[index];
    AUTO(string_free) char *row_path = xasprintf("%s%s", prefix, key->text);
    const struct field *field = strchr(key->text, '.') ? NULL : field_find(table, row_path);
    if (!field) {
        unknown_key(mapping, table, prefix, key);
        return;
    }
    AUTO(string_free)
    char *path = xasprintf("%s%s%s", mapping->path, *mapping->path ? "." : "", key->text);
    if (is_repeated(mapping, index, path))
        return;
    struct reading reading = { mapping->faults, field, path, mapping->node->items[index + 1] };
    if (field->kind != FIELD_SECTION) {
        read_field(&reading, base);
        return;
    }
    AUTO(string_free) char *below = xasprintf("%s.", row_path);
    if (is_mapping(&reading))
        read_mapping(&reading, table, below, base);
    if (field->flags & FIELD_REFUSED)
        fault(reading.faults, key->at, "'%s' is not supported yet", path);
}

/* Of the rows that stand for each other exactly one is given. */
static void read_one_of(const struct reading *reading, const struct field_table *table,
                        const char *prefix) {
    const struct field *first = NULL, *given = NULL;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->rows[i];
        const char *key = field_key(field, prefix);
        if (!key || !(field->flags & FIELD_ONE_OF))
            continue;
        first = first ? first : field;
        if (!node_find(reading->node, key))
            continue;
        if (given) {
            fault(reading->faults, reading->node->at, "'%s' and '%s' exclude each other",
                  given->path, field->path);
            strings_add(&reading->faults->bad_paths, field->path);
        }
        given = field;
    }
    if (!first || given)
        return;
    fault(reading->faults, reading->node->at, "'%s' is missing", first->path);
    fault_hint(reading->faults, "%s: %s", field_key(first, prefix), first->help);
    strings_add(&reading->faults->bad_paths, first->path);
}

void read_mapping(const struct reading *reading, const struct field_table *table,
                  const char *prefix, void *base) {
    for (size_t i = 0; i + 1 < reading->node->count; i += 2)
        read_key(reading, table, prefix, i, base);
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->rows[i];
        const char *key = field_key(field, prefix);
        if (!key || !(field->flags & FIELD_REQUIRED) || node_find(reading->node, key))
            continue;
        AUTO(string_free)
        char *path = xasprintf("%s%s%s", reading->path, *reading->path ? "." : "", key);
        fault(reading->faults, reading->node->at, "'%s' is missing", path);
        fault_hint(reading->faults, "%s: %s", key, field->help);
        strings_add(&reading->faults->bad_paths, path);
    }
    read_one_of(reading, table, prefix);
}
