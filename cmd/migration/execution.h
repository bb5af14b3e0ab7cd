/* What `ecmig apply` and `ecmig abort` share: take the lock, look at everything, plan again, ask
 * for the confirmation, carry out, report. They differ in the mode of a run that they begin; a run
 * that is open decides its own. */
#pragma once

#include "cmd/frame/command.h"
#include "cmd/migration/signing.h"
#include "schemas/plan/plan.h"

/* Rows that both commands have. */
#define EXECUTION_OPTIONS                                                                          \
    { "approve", OPTION_STRING, .value = "DIGEST",                                                 \
      .summary = "run only if the plan, made again now, has this digest" },                        \
        { "accept-program", OPTION_STRING, .value = "DIGEST", .repeatable = true,                  \
          .summary = "run a program with this content although a different one was approved" },    \
        { "auto-approve", OPTION_FLAG,                                                             \
          .summary = "approve the plan as it is now, unless a finding is an error" },              \
        { "deadline",                                                                              \
          OPTION_DURATION,                                                                         \
          .value = "TIME",                                                                         \
          .minimum = 1000,                                                                         \
          .maximum = INT64_C(7) * 24 * 3600 * 1000,                                                \
          .summary = "stop at the next safe point after this time" },                              \
        { "lock-timeout", OPTION_DURATION, .value = "TIME", .maximum = INT64_C(24) * 3600 * 1000,  \
          .summary = "how long to wait for a lock that another process holds (default: do not "    \
                     "wait; for an expired lock, until it is known to be abandoned)" },            \
        { "json", OPTION_FLAG,                                                                     \
          .summary = "write the event stream to stdout instead of the text output" },              \
        { "events", OPTION_STRING, .value = "FILE",                                                \
          .summary = "append the event stream to a file" },                                        \
        SIGNING_OPTIONS, {                                                                         \
        "result", OPTION_STRING,                                                                   \
            .value = "FILE",                                                                       \
            .summary = "write the result as JSON, whether the command succeeds or fails"           \
    }

struct gate_options {
    const char *approved; /* on the command line, or NULL */
    const char *until;    /* step or gate before which to stop, or NULL */
    bool wait;            /* at a closed gate */
};

enum exit_class execution_run(const struct call *call, enum plan_mode mode,
                              const struct gate_options *gates, struct error *err);
