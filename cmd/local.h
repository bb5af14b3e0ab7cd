/* What the commands about the local endpoint share. */
#pragma once

#include "cmd/frame/command.h"

#define LOCAL_DIR_OPTION                                                                           \
    { .name = "dir", .kind = OPTION_STRING, .value = "DIR", .summary = "the endpoint's folder" }

/* --dir, which has to be there. */
MUST_CHECK bool local_dir(const struct call *call, const char **out, struct error *err);
