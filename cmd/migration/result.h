/* --result FILE: what a command that carries out a plan ends with, for programs. */
#pragma once

#include <stdbool.h>

#include "cmd/frame/options.h"
#include "cmd/frame/output.h"
#include "schemas/base/error.h"
#include "schemas/journal/records.h"

/* Class, exit code and what follows from them; digest, run and head are the caller's. */
void result_set(struct run_result *result, enum exit_class class, bool changed);
/* Writes the result of a command line that is refused. */
void result_refused(const struct options *options, struct output *output, enum exit_class class);
