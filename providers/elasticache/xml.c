#include "providers/elasticache/xml.h"

#include <ctype.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/base/memory.h"
#include "schemas/base/number.h"
#include "schemas/base/text.h"

struct xml {
    char *name, *text;
    struct xml *first, *last, *next;
};

struct reader {
    XML_Parser parser;
    struct xml *root, *open[XML_DEPTH_CEILING];
    struct text text;
    size_t depth, element_count;
    const char *refusal; /* why we stopped the parser */
    enum error_code refusal_code;
};

static void refuse(struct reader *reader, enum error_code code, const char *why) {
    if (!reader->refusal) {
        reader->refusal = why;
        reader->refusal_code = code;
    }
    (void)XML_StopParser(reader->parser, XML_FALSE);
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes) {
    (void)attributes;
    struct reader *reader = context;
    if (reader->refusal)
        return;
    if (reader->depth == XML_DEPTH_CEILING || reader->element_count == XML_ELEMENT_CEILING) {
        refuse(reader, ERROR_LIMIT, "too many elements");
        return;
    }
    const char *colon = strrchr(name, ':');
    struct xml *element = xcalloc(1, sizeof *element);
    element->name = xstrdup(colon ? colon + 1 : name);
    if (reader->depth == 0) {
        reader->root = element;
    } else {
        struct xml *parent = reader->open[reader->depth - 1];
        if (parent->last)
            parent->last->next = element;
        else
            parent->first = element;
        parent->last = element;
    }
    reader->open[reader->depth++] = element;
    reader->element_count++;
    text_reset(&reader->text);
}

static void on_end(void *context, const XML_Char *name) {
    (void)name;
    struct reader *reader = context;
    if (reader->refusal)
        return;
    struct xml *element = reader->open[--reader->depth];
    /* Mixed content does not occur in these answers: text between elements is layout. */
    if (!element->first && reader->text.length)
        element->text = xstrndup(reader->text.bytes, reader->text.length);
    text_reset(&reader->text);
}

static void on_text(void *context, const XML_Char *bytes, int length) {
    struct reader *reader = context;
    if (reader->refusal)
        return;
    text_add_bytes(&reader->text, bytes, (size_t)length);
    if (reader->text.overflowed)
        refuse(reader, ERROR_LIMIT, "an element's text is too long");
}

static void on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int internal) {
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)internal;
    refuse(context, ERROR_FORMAT, "a document type declaration is not accepted");
}

static bool report(const struct reader *reader, struct error *err) {
    unsigned long line = XML_GetCurrentLineNumber(reader->parser);
    if (reader->refusal)
        return error_set(err, reader->refusal_code, "XML line %lu: %s", line, reader->refusal);
    return error_set(err, ERROR_FORMAT, "XML line %lu: %s", line,
                     XML_ErrorString(XML_GetErrorCode(reader->parser)));
}

bool xml_parse(const void *bytes, size_t length, struct xml **out, struct error *err) {
    if (length > XML_DOCUMENT_CEILING_BYTES)
        return error_set(err, ERROR_LIMIT, "XML of %zu bytes is too long", length);
    struct reader reader = { .parser = XML_ParserCreate(NULL) };
    if (!reader.parser)
        abort();
    text_init(&reader.text, XML_TEXT_CEILING_BYTES);
    XML_SetUserData(reader.parser, &reader);
    XML_SetElementHandler(reader.parser, on_start, on_end);
    XML_SetCharacterDataHandler(reader.parser, on_text);
    XML_SetStartDoctypeDeclHandler(reader.parser, on_doctype);
    bool done =
        XML_Parse(reader.parser, bytes, (int)length, XML_TRUE) == XML_STATUS_OK && !reader.refusal;
    if (done)
        *out = TAKE(reader.root);
    else
        (void)report(&reader, err);
    XML_ParserFree(reader.parser);
    text_clear(&reader.text);
    xml_free(reader.root);
    return done;
}

/* Recursion is bounded by XML_DEPTH_CEILING; siblings are a loop. */
void xml_free(struct xml *root) {
    while (root) {
        struct xml *next = root->next;
        xml_free(root->first);
        free(root->name);
        free(root->text);
        free(root);
        root = next;
    }
}

const char *xml_name(const struct xml *element) {
    return element ? element->name : NULL;
}

static const struct xml *named(const struct xml *element, const char *name, size_t length) {
    for (; element; element = element->next)
        if (!name || (strlen(element->name) == length && memcmp(element->name, name, length) == 0))
            return element;
    return NULL;
}

const struct xml *xml_first(const struct xml *parent, const char *name) {
    return parent ? named(parent->first, name, name ? strlen(name) : 0) : NULL;
}

const struct xml *xml_next(const struct xml *sibling, const char *name) {
    return sibling ? named(sibling->next, name, name ? strlen(name) : 0) : NULL;
}

const struct xml *xml_find(const struct xml *parent, const char *path) {
    while (parent && *path) {
        size_t length = strcspn(path, "/");
        parent = named(parent->first, path, length);
        path += length + (path[length] == '/');
    }
    return parent;
}

size_t xml_count(const struct xml *parent, const char *name) {
    size_t count = 0;
    for (const struct xml *child = xml_first(parent, name); child; child = xml_next(child, name))
        count++;
    return count;
}

static bool has_text(const struct xml *element) {
    for (const char *at = element->text; at && *at; at++)
        if (!isspace((unsigned char)*at))
            return true;
    return false;
}

bool xml_has_content(const struct xml *element) {
    if (!element)
        return false;
    if (has_text(element))
        return true;
    for (const struct xml *child = element->first; child; child = child->next)
        if (xml_has_content(child))
            return true;
    return false;
}

const char *xml_text(const struct xml *element, const char *path) {
    const struct xml *found = xml_find(element, path);
    return found && has_text(found) ? found->text : NULL;
}

int64_t xml_int(const struct xml *element, const char *path, int64_t fallback) {
    return number_or(xml_text(element, path), fallback);
}

bool xml_bool(const struct xml *element, const char *path) {
    const char *text = xml_text(element, path);
    return text && (strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0);
}
