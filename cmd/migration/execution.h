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
          .summary = "run a program with this content, which is not the one that was approved" },  \
        { "auto-approve", OPTION_FLAG,                                                             \
          .summary = "approve whatever the plan is now, if no finding is an error" },              \
        { "deadline",                                                                              \
          OPTION_DURATION,                                                                         \
          .value = "TIME",                                                                         \
          .minimum = 1000,                                                                         \
          .maximum = INT64_C(7) * 24 * 3600 * 1000,                                                \
          .summary = "stop at the next safe point after this time" },                              \
        { "lock-timeout", OPTION_DURATION, .value = "TIME", .maximum = INT64_C(24) * 3600 * 1000,  \
          .summary = "how long to wait for a lock that somebody else holds; else not at all, or "  \
                     "as long as it takes to see that an expired one is abandoned" },              \
        { "json", OPTION_FLAG, .summary = "the event stream on stdout, and nothing else" },        \
        { "events", OPTION_STRING, .value = "FILE",                                                \
          .summary = "append the event stream to a file" },                                        \
        SIGNING_OPTIONS, {                                                                         \
        "result", OPTION_STRING, .value = "FILE",                                                  \
                                 .summary = "write the result as JSON, whatever it is"             \
    }

struct gate_options {
    const char *approved; /* on the command line, or NULL */
    const char *until;    /* step or gate before which to stop, or NULL */
    bool wait;            /* at a closed gate */
};

enum exit_class execution_run(const struct call *call, enum plan_mode mode,
                              const struct gate_options *gates, struct error *err);
