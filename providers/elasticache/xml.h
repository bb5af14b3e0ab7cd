/* A small tree of what the service answers. Namespaces and attributes are dropped; a document type
 * is refused (entities could grow without bound); bytes, depth, elements and text are bounded. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"

#define XML_DOCUMENT_CEILING_BYTES ((size_t)8 << 20)
#define XML_DEPTH_CEILING 32
#define XML_ELEMENT_CEILING 200000
#define XML_TEXT_CEILING_BYTES ((size_t)64 << 10)

struct xml;

/* The root element; ERROR_FORMAT, ERROR_LIMIT. Pure. */
MUST_CHECK bool xml_parse(const void *bytes, size_t length, struct xml **out, struct error *err);
void xml_free(struct xml *root);
AUTO_POINTER(struct xml, xml_free)

/* Readers take NULL for "absent" and pass it on. */
const char *xml_name(const struct xml *element);
const struct xml *xml_first(const struct xml *parent, const char *name); /* NULL name: any */
const struct xml *xml_next(const struct xml *sibling, const char *name);
const struct xml *xml_find(const struct xml *parent, const char *path); /* "A/B/C", first of each */
size_t xml_count(const struct xml *parent, const char *name);
bool xml_has_content(const struct xml *element); /* text anywhere inside */

/* The text at `path` ("" is the element itself); NULL when absent, empty or only blanks. */
const char *xml_text(const struct xml *element, const char *path);
int64_t xml_int(const struct xml *element, const char *path, int64_t fallback);
bool xml_bool(const struct xml *element, const char *path);
