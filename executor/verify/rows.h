/* Rows of databases in ascending order, found without looking at each: there may be thousands. */
#pragma once

#include "executor/verify/verify.h"

struct verify_database *rows_find(const struct verify_databases *rows, int64_t database);
/* Added where it belongs when it is not there yet; *index says where that is. */
struct verify_database *rows_have(struct verify_databases *rows, int64_t database, size_t *index);

/* Asking INFO for the keyspace costs a server a line for each database that holds keys. It is worth
 * while for a database that holds more keys than that; for the many small ones looking at each key
 * costs less. */
bool rows_are_few(const struct verify_databases *rows, int64_t keys);
