/* A YAML document as a tree with places, and what YAML would make of plain scalars. Private to
 * schemas/config. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schemas/base/language.h"
#include "schemas/config/fault.h"

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

struct node {
    enum node_kind kind;
    struct place at;
    char *text;    /* of a scalar; ends with NUL, may hold one too */
    size_t length; /* of text */
    bool plain;    /* written without quotes, so that YAML may read more than a string into it */
    bool complete; /* false while its children are being read */
    size_t weight; /* values below and with it, aliases expanded */
    struct node **items; /* children; of a mapping key, value, key, value …; keys are scalars */
    size_t count;
};

struct tree { /* owns every node once; aliases make several parents share one */
    struct node **items;
    size_t count;
    struct node *root;
};

/* One document, bounded in depth and values; false after a fault was added. */
MUST_CHECK bool tree_parse(const void *bytes, size_t length, struct faults *faults,
                           struct tree *out);
void tree_clear(struct tree *tree);
AUTO_VALUE(struct tree, tree_clear)
/* The value at a dotted path, of a repeated key the first, or NULL. */
const struct node *node_find(const struct node *node, const char *path);
const char *node_kind_name(enum node_kind kind); /* "a list" */

enum plain_meaning {
    PLAIN_STRING,
    PLAIN_NULL,
    PLAIN_TRUTH,   /* exactly true or false */
    PLAIN_INTEGER, /* decimal, as everybody writes it */
    PLAIN_DATE,
    PLAIN_SURPRISE, /* readers of YAML 1.1 and 1.2 disagree, or it is a real number */
};
/* What YAML 1.1 or 1.2 reads into a plain scalar; `named` becomes "a truth value", "a number to
 * base 60" … */
enum plain_meaning plain_meaning(const char *text, const char **named);
