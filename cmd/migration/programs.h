/* What apply makes sure of before it runs a program that prints a secret: that it is the one of the
 * approved plan (executor/record/pins.h). */
#pragma once

#include <stdbool.h>

#include "cmd/frame/command.h"
#include "cmd/migration/session.h"

/* Of a plan document that was given. */
MUST_CHECK bool programs_of_given(const struct call *call, const struct session *session,
                                  struct error *err);
/* Of the plan in the record that apply would run: that of --approve, or of the open run. One that
 * the record does not hold cannot be compared before it is made again. */
MUST_CHECK bool programs_of_record(const struct call *call, struct session *session,
                                   struct error *err);
