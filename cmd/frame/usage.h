/* Help that is made from the rows. */
#pragma once

#include "cmd/frame/command.h"
#include "schemas/base/text.h"

#define USAGE_COLUMNS 90

void usage_show(const struct command *command, struct output *output);
/* Refuses a group without its verb, wrong counts of arguments and formats the command lacks. */
MUST_CHECK bool usage_accepts(const struct command *command, const struct options *options,
                              struct error *err);

void usage_add_synopsis(struct text *text, const struct command *command);
/* "--out FILE", "--format text|json": as far as the command, or with NULL any, has the choices. */
void usage_add_option(struct text *text, const struct command *command,
                      const struct option_row *row);
/* The summary with default, repetition said. */
void usage_add_option_summary(struct text *text, const struct option_row *row);
/* Wraps at USAGE_COLUMNS; lines after the first start with `indent` blanks. Lines that start with
 * two blanks stay as they are. */
void usage_add_wrapped(struct text *text, const char *paragraphs, size_t indent);
