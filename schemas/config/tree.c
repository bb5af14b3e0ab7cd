#include "schemas/config/tree.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "schemas/base/memory.h"

#define DEPTH_LIMIT 32
#define VALUE_LIMIT 10000 /* aliases expanded */
#define ANCHOR_LIMIT 100

struct anchor {
    char *name;
    struct node *node;
};

struct builder {
    yaml_parser_t parser;
    struct faults *faults;
    struct tree *tree;
    struct {
        struct anchor *items;
        size_t count;
    } anchors;
    size_t depth;
};

AUTO_VALUE(yaml_event_t, yaml_event_delete)

static struct place place_of(yaml_mark_t mark) {
    return (struct place){ mark.line + 1, mark.column + 1 };
}

static void syntax_fault(struct builder *builder) {
    const yaml_parser_t *parser = &builder->parser;
    struct place at = place_of(parser->problem_mark);
    const char *problem = parser->problem ? parser->problem : "not YAML";
    const unsigned char *next = parser->buffer.pointer;
    bool tab =
        parser->error == YAML_SCANNER_ERROR && next && next < parser->buffer.last && *next == '\t';
    if (tab)
        fault(builder->faults, at, "a tab where YAML requires spaces");
    else if (parser->context)
        fault(builder->faults, at, "not YAML: %s, %s (line %zu)", parser->context, problem,
              parser->context_mark.line + 1);
    else
        fault(builder->faults, at, "not YAML: %s", problem);
    fault_hint(builder->faults, "%s",
               tab ? "indent with spaces"
                   : "check the indentation, and quote text that begins with a special character");
}

static bool next_event(struct builder *builder, yaml_event_t *event) {
    if (yaml_parser_parse(&builder->parser, event))
        return true;
    syntax_fault(builder);
    return false;
}

static struct node *add_node(struct builder *builder, enum node_kind kind, struct place at) {
    if (builder->tree->count >= VALUE_LIMIT) {
        fault(builder->faults, at, "more than %d values", VALUE_LIMIT);
        return NULL;
    }
    struct node *node = xcalloc(1, sizeof *node);
    *node = (struct node){ .kind = kind, .at = at, .weight = 1 };
    *LIST_ADD(builder->tree) = node;
    return node;
}

static bool add_anchor(struct builder *builder, const yaml_char_t *name, struct node *node) {
    if (!name)
        return true;
    if (builder->anchors.count >= ANCHOR_LIMIT) {
        fault(builder->faults, node->at, "more than %d anchors", ANCHOR_LIMIT);
        return false;
    }
    *LIST_ADD(&builder->anchors) = (struct anchor){ xstrdup((const char *)name), node };
    return true;
}

/* The name of an anchor is not repeated in faults: "*" may begin a password. */
static struct node *expand(struct builder *builder, const yaml_event_t *event) {
    struct place at = place_of(event->start_mark);
    const char *name = (const char *)event->data.alias.anchor;
    for (size_t i = builder->anchors.count; i-- > 0;) {
        const struct anchor *anchor = &builder->anchors.items[i];
        if (strcmp(anchor->name, name) != 0)
            continue;
        if (anchor->node->complete)
            return anchor->node;
        fault(builder->faults, at, "an alias inside its own anchor");
        return NULL;
    }
    fault(builder->faults, at, "an alias without a previous anchor");
    fault_hint(builder->faults, "quote text that begins with *");
    return NULL;
}

static struct node *build(struct builder *builder, const yaml_event_t *event);

static bool add_child(struct builder *builder, struct node *parent, const yaml_event_t *event) {
    struct node *child = build(builder, event);
    if (!child)
        return false;
    parent->weight += child->weight;
    if (parent->weight > VALUE_LIMIT) {
        fault(builder->faults, place_of(event->start_mark), "aliases expand to more than %d values",
              VALUE_LIMIT);
        fault_hint(builder->faults, "write the values out");
        return false;
    }
    bool is_key = parent->kind == NODE_MAPPING && parent->count % 2 == 0;
    if (is_key && (child->kind != NODE_SCALAR || strlen(child->text) != child->length)) {
        fault(builder->faults, place_of(event->start_mark), "a key must be a plain string");
        return false;
    }
    *LIST_ADD(parent) = child;
    return true;
}

static bool build_children(struct builder *builder, struct node *parent) {
    if (++builder->depth > DEPTH_LIMIT) {
        fault(builder->faults, parent->at, "nested more than %d deep", DEPTH_LIMIT);
        return false;
    }
    for (;;) {
        AUTO(yaml_event_delete) yaml_event_t event = { 0 };
        if (!next_event(builder, &event))
            return false;
        if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT)
            break;
        if (!add_child(builder, parent, &event))
            return false;
    }
    builder->depth--;
    return true;
}

static struct node *refuse_tag(struct builder *builder, const yaml_event_t *event) {
    fault(builder->faults, place_of(event->start_mark), "tags are not supported");
    fault_hint(builder->faults, "remove the tag, and quote text that begins with !");
    return NULL;
}

static struct node *build_scalar(struct builder *builder, const yaml_event_t *event) {
    if (event->data.scalar.tag)
        return refuse_tag(builder, event);
    struct node *node = add_node(builder, NODE_SCALAR, place_of(event->start_mark));
    if (!node)
        return NULL;
    node->text = xstrndup((const char *)event->data.scalar.value, event->data.scalar.length);
    node->length = event->data.scalar.length;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->complete = true;
    return add_anchor(builder, event->data.scalar.anchor, node) ? node : NULL;
}

static struct node *build(struct builder *builder, const yaml_event_t *event) {
    if (event->type == YAML_ALIAS_EVENT)
        return expand(builder, event);
    if (event->type == YAML_SCALAR_EVENT)
        return build_scalar(builder, event);
    bool mapping = event->type == YAML_MAPPING_START_EVENT;
    if (mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag)
        return refuse_tag(builder, event);
    struct node *node =
        add_node(builder, mapping ? NODE_MAPPING : NODE_SEQUENCE, place_of(event->start_mark));
    const yaml_char_t *anchor =
        mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    if (!node || !add_anchor(builder, anchor, node) || !build_children(builder, node))
        return NULL;
    node->complete = true;
    return node;
}

static bool build_stream(struct builder *builder) {
    for (;;) {
        AUTO(yaml_event_delete) yaml_event_t event = { 0 };
        if (!next_event(builder, &event))
            return false;
        if (event.type == YAML_STREAM_END_EVENT)
            break;
        if (event.type == YAML_DOCUMENT_START_EVENT && builder->tree->root) {
            fault(builder->faults, place_of(event.start_mark), "a second document");
            fault_hint(builder->faults, "one file describes one migration");
            return false;
        }
        if (event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_START_EVENT ||
            event.type == YAML_DOCUMENT_END_EVENT)
            continue;
        builder->tree->root = build(builder, &event);
        if (!builder->tree->root)
            return false;
    }
    if (builder->tree->root)
        return true;
    fault(builder->faults, (struct place){ 1, 1 }, "the file is empty");
    fault_hint(builder->faults, "ecmig init writes one from the live source and target");
    return false;
}

/* Counted as a column, it would indent the first line. */
static size_t mark_of_utf8(const char *bytes, size_t length) {
    return length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static void anchor_clear(struct anchor *anchor) {
    free(anchor->name);
}

bool tree_parse(const void *bytes, size_t length, struct faults *faults, struct tree *out) {
    AUTO(tree_clear) struct tree tree = { 0 };
    struct builder builder = { .faults = faults, .tree = &tree };
    if (!yaml_parser_initialize(&builder.parser))
        abort();
    yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
    size_t skip = mark_of_utf8(bytes, length);
    yaml_parser_set_input_string(&builder.parser, (const unsigned char *)bytes + skip,
                                 length - skip);
    bool built = build_stream(&builder);
    yaml_parser_delete(&builder.parser);
    LIST_CLEAR(&builder.anchors, anchor_clear);
    if (!built)
        return false;
    *out = MOVE(tree);
    return true;
}

void tree_clear(struct tree *tree) {
    if (!tree)
        return;
    for (size_t i = 0; i < tree->count; i++) {
        free(tree->items[i]->text);
        free(tree->items[i]->items);
        free(tree->items[i]);
    }
    free(tree->items);
    *tree = (struct tree){ 0 };
}

const struct node *node_find(const struct node *node, const char *path) {
    while (node && *path) {
        size_t length = strcspn(path, ".");
        const struct node *found = NULL;
        for (size_t i = 0; node->kind == NODE_MAPPING && !found && i + 1 < node->count; i += 2) {
            const struct node *key = node->items[i];
            if (key->length == length && memcmp(key->text, path, length) == 0)
                found = node->items[i + 1];
        }
        node = found;
        path += path[length] ? length + 1 : length;
    }
    return node;
}

const char *node_kind_name(enum node_kind kind) {
    static const char *const names[] = { "a single value", "a list", "a mapping" };
    return names[kind];
}
