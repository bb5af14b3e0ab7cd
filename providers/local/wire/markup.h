/* Answers in XML, written front to back. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schemas/base/text.h"

void markup_open(struct text *page, const char *name);
void markup_close(struct text *page, const char *name);
void markup_empty(struct text *page, const char *name);
void markup_string(struct text *page, const char *name, const char *value); /* NULL is left out */
void markup_int(struct text *page, const char *name, int64_t value);
void markup_bool(struct text *page, const char *name, bool value);
void markup_time(struct text *page, const char *name, int64_t at_ms);
