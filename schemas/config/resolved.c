/* A resolved configuration, as a plan document carries it, under the rules of a migration file: it
 * is written as the tree that such a file is read into, and read like one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/config/config.h"
#include "schemas/config/cross.h"
#include "schemas/config/reading.h"

struct list { /* as every {items, count} of structs */
    const char *items;
    size_t count;
};

static struct node *add_node(struct tree *tree, enum node_kind kind) {
    struct node *node = xcalloc(1, sizeof *node);
    *node = (struct node){ .kind = kind, .complete = true, .weight = 1 };
    *LIST_ADD(tree) = node;
    return node;
}

static struct node *scalar(struct tree *tree, const char *text, bool plain) {
    struct node *node = add_node(tree, NODE_SCALAR);
    node->text = xstrdup(text);
    node->length = strlen(text);
    node->plain = plain;
    return node;
}

static void put(struct tree *tree, struct node *mapping, const char *key, struct node *value) {
    if (!value)
        return;
    *LIST_ADD(mapping) = scalar(tree, key, false);
    *LIST_ADD(mapping) = value;
}

static struct node *number(struct tree *tree, const struct field *field, int64_t value) {
    /* Below the least value it stands for "not given". */
    bool unset = field->fallback < field->minimum && value == field->fallback;
    bool duration = field->kind == FIELD_DURATION;
    AUTO(string_free) char *text = xasprintf("%" PRId64 "%s", value, duration ? "ms" : "");
    return unset ? NULL : scalar(tree, text, true);
}

static struct node *text_list(struct tree *tree, const struct strings *list) {
    if (!list->count)
        return NULL;
    struct node *node = add_node(tree, NODE_SEQUENCE);
    for (size_t i = 0; i < list->count; i++)
        *LIST_ADD(node) = scalar(tree, list->items[i], false);
    return node;
}

static struct node *pair_list(struct tree *tree, const struct pairs *pairs) {
    if (!pairs->count)
        return NULL;
    struct node *node = add_node(tree, NODE_MAPPING);
    for (size_t i = 0; i < pairs->count; i++)
        put(tree, node, pairs->items[i].name, scalar(tree, pairs->items[i].value, false));
    return node;
}

static struct node *mapping(struct tree *tree, const struct field_table *table, const char *prefix,
                            const char *base);

static bool is_zero(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (bytes[i])
            return false;
    return true;
}

static struct node *group_list(struct tree *tree, const struct field_table *table,
                               const struct list *list) {
    if (!list->count)
        return NULL;
    struct node *node = add_node(tree, NODE_SEQUENCE);
    for (size_t i = 0; i < list->count; i++)
        *LIST_ADD(node) = mapping(tree, table, "", list->items + i * table->size);
    return node;
}

static struct node *value_of(struct tree *tree, const struct field *field, const char *at) {
    const void *value = at;
    switch (field->kind) {
    case FIELD_STRING:
    case FIELD_DATE:
        return *(char *const *)value ? scalar(tree, *(char *const *)value, false) : NULL;
    case FIELD_CHOICE:
        return scalar(tree, field->choices[*(const int *)value], true);
    case FIELD_DURATION:
    case FIELD_BYTES:
    case FIELD_INTEGER:
        return number(tree, field, *(const int64_t *)value);
    case FIELD_BOOL:
        return scalar(tree, *(const bool *)value ? "true" : "false", true);
    case FIELD_TRI:
        return *(const int *)value == TRI_UNSET
                   ? NULL
                   : scalar(tree, *(const int *)value == TRI_YES ? "true" : "false", true);
    case FIELD_STRINGS:
    case FIELD_ADDRESSES:
    case FIELD_ARGUMENTS:
        return text_list(tree, value);
    case FIELD_PAIRS:
        return pair_list(tree, value);
    case FIELD_GROUP:
        return is_zero(at, field->table->size) ? NULL : mapping(tree, field->table, "", at);
    case FIELD_GROUPS:
        return group_list(tree, field->table, value);
    case FIELD_SECTION:
    case FIELD_KINDS:
        break;
    }
    return NULL;
}

static bool is_default(const struct field *field, const char *at) {
    const void *value = at;
    if (field->kind == FIELD_BOOL)
        return *(const bool *)value == (field->fallback != 0);
    if (field->kind == FIELD_INTEGER)
        return *(const int64_t *)value == field->fallback;
    return field->kind == FIELD_STRING && !*(char *const *)value;
}

/* Truth values are always there: they do not make a section whose required rows are missing. */
static bool is_empty(const struct field_table *table, const char *prefix, const char *base) {
    bool needs = false;
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->rows[i];
        if (!field_key(field, prefix))
            continue;
        if (field->kind == FIELD_SECTION || !is_default(field, base + field->offset))
            return false;
        needs |= (field->flags & FIELD_REQUIRED) != 0;
    }
    return needs;
}

/* A section of which nothing is given is left out: some mean something by being there. */
static struct node *mapping(struct tree *tree, const struct field_table *table, const char *prefix,
                            const char *base) {
    struct node *node = add_node(tree, NODE_MAPPING);
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->rows[i];
        const char *key = field_key(field, prefix);
        if (!key)
            continue;
        if (field->kind != FIELD_SECTION) {
            put(tree, node, key, value_of(tree, field, base + field->offset));
            continue;
        }
        AUTO(string_free) char *below = xasprintf("%s.", field->path);
        struct node *section = mapping(tree, table, below, base);
        bool given = section->count && !is_empty(table, below, base);
        put(tree, node, key, given ? section : NULL);
    }
    return node;
}

/* Without a sample its size has no say, and is 0 (config.c): as if it was not given. */
static void leave_out_size(const struct config_verify_step *step, const struct node *root,
                           const char *path) {
    struct node *section = (struct node *)(uintptr_t)node_find(root, path);
    if (step->mode == VERIFY_SAMPLE || step->keys != 0 || !section)
        return;
    for (size_t i = 0; i + 1 < section->count; i += 2)
        if (strcmp(section->items[i]->text, "keys") == 0)
            section->count = i; /* the last of its rows */
}

static bool refuse(const struct findings *faults, struct error *err) {
    const struct finding *first = &faults->items[0];
    AUTO(string_free) char *more = xasprintf(", and %zu more", faults->count - 1);
    error_set(err, ERROR_FORMAT, "the plan's configuration breaks a rule: %s%s", first->summary,
              faults->count > 1 ? more : "");
    return error_hint(err, "make the plan again from the migration file: ecmig plan --out PLAN "
                           "FILE; if the record holds such a plan, it was not written by ecmig");
}

static bool read_like_a_file(const struct config *config, struct config *out,
                             struct findings *list) {
    AUTO(tree_clear) struct tree tree = { 0 };
    struct faults faults = { .list = list, .subject = "the plan" };
    tree.root = mapping(&tree, &config_fields, "", (const char *)config);
    leave_out_size(&config->verify.before_cutover, tree.root, "verify.before_cutover");
    leave_out_size(&config->verify.after_cutover, tree.root, "verify.after_cutover");
    struct reading reading = { &faults, NULL, "", tree.root };
    read_defaults(&config_fields, out);
    read_mapping(&reading, &config_fields, "", out);
    cross_check(out, tree.root, &faults);
    strings_clear(&faults.bad_paths);
    return !faults.count;
}

/* What a file could not have led to has been altered, however harmless each value is. */
bool config_from_json(const struct json *value, struct config *out, struct error *err) {
    AUTO(config_clear) struct config given = { 0 };
    AUTO(config_clear) struct config read = { 0 };
    AUTO(findings_clear) struct findings faults = { 0 };
    read_defaults(&config_fields, &given);
    if (!shape_read(config_shape(), value, &given, err))
        return error_wrap(err, "the plan's configuration");
    if (!read_like_a_file(&given, &read, &faults))
        return refuse(&faults, err);
    config_settle(&read);
    AUTO(json_free) struct json *before = shape_write(config_shape(), &given);
    AUTO(json_free) struct json *after = shape_write(config_shape(), &read);
    if (!json_same(before, after))
        return error_set(err, ERROR_FORMAT,
                         "the plan's configuration is not in the form that ecmig writes");
    *out = MOVE(given);
    return true;
}
