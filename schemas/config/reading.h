/* Reading one value of the migration file into the struct. Private to schemas/config. */
#pragma once

#include <stdbool.h>

#include "schemas/base/language.h"
#include "schemas/config/config.h"
#include "schemas/config/fault.h"
#include "schemas/config/fields.h"
#include "schemas/config/tree.h"

struct reading { /* one value and where it belongs */
    struct faults *faults;
    const struct field *field;
    const char *path; /* as people write it, "cutover.switch[0].run" */
    const struct node *node;
};

/* A fault of this value; the path counts as bad, so that checks across keys leave it out. */
void reading_fault(const struct reading *reading, const char *format, ...) PRINTF_LIKE(2, 3);

/* The value as text that is a string beyond doubt and may be shown, else NULL after a fault. */
const char *reading_text(const struct reading *reading, bool numbers_allowed);
/* Length, pattern and choices of the row. */
MUST_CHECK /* Whether somebody would have had to expand it, which is a fault then. */
    bool
    reading_expands(const struct reading *reading, const char *text);
bool reading_suits(const struct reading *reading, const char *text);
void read_list(const struct reading *reading, void *at); /* strings, addresses, arguments */
void read_pairs(const struct reading *reading, void *at);
void read_value(const struct reading *reading, void *at); /* any kind but groups and sections */
/* Every key of `table` that is directly below `prefix`, and what is below them. */
void read_mapping(const struct reading *reading, const struct field_table *table,
                  const char *prefix, void *base);
void read_defaults(const struct field_table *table, void *base);
/* Keys that have no say become 0. */
void config_settle(struct config *config);
