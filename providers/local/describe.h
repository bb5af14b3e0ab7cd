/* The endpoint as `ecmig local up` and `ecmig local status` show it. */
#pragma once

#include <stdint.h>

#include "providers/local/state/state.h"
#include "schemas/json/json.h"

/* What `local up` prints. */
struct json *endpoint_describe(const char *dir, const struct state *state);
struct json *endpoint_describe_groups(const struct state *state);
/* Of all writers together. */
int64_t endpoint_acknowledged_count(const char *dir, const struct shards *shards);
