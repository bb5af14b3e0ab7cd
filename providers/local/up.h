/* ElastiCache on this machine: a loopback server that speaks the Query API and keeps each cache
 * node as a real redis-server (or valkey-server) process.
 *
 * Everything written lives in one folder. The endpoint, its nodes, the source and the writer are
 * processes of their own, each with a pid file there that names pid and start time, so that
 * local_down and a second local_up find what a killed endpoint left behind: nodes that still run
 * are adopted, and nothing is ended that is not ours. Only loopback addresses are used. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "providers/local/serve.h"
#include "schemas/base/error.h"
#include "schemas/base/language.h"
#include "schemas/json/json.h"

/* Returns when the endpoint answers and the source holds its keys, and leaves them running. On a
 * folder whose endpoint runs it changes nothing and gives the same. *out is the object that
 * `ecmig local up --format json` prints. */
MUST_CHECK bool local_up(const struct local_options *options, struct json **out, struct error *err);
/* Ends every process of the folder, nodes with their data saved; *ended counts them. */
MUST_CHECK bool local_down(const char *dir, int64_t *ended, struct error *err);
/* As local_up prints, with "running", "groups" and "processes". ERROR_NOT_FOUND without a state. */
MUST_CHECK bool local_status(const char *dir, struct json **out, struct error *err);
