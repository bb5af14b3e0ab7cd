/* What an operator asks of the writer: to go elsewhere, and whether a server lost a write. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/base/error.h"
#include "schemas/base/language.h"

/* Sends the writer to HOST:PORT; it reconnects at once. */
MUST_CHECK bool local_switch(const char *dir, const char *address, struct error *err);
MUST_CHECK bool local_is_switched(const char *dir, const char *address, bool *out,
                                  struct error *err);

struct local_check_part {
    char *key;
    int64_t acknowledged_count, lost_count;
    int64_t first_lost;      /* a value that is missing; 0 when none is */
    int64_t longest_wait_ms; /* of one write that stayed without error */
    int64_t refused_ms;      /* from a first error to the next success, summed */
};
struct local_check {
    struct local_check_part total; /* sums of writes, the longest of the times; no key */
    struct {
        struct local_check_part *items; /* one for each shard of the source */
        size_t count;
    } parts;
};
/* Looks for every acknowledged value of the writer at HOST:PORT; of a cluster any member will do.
 */
MUST_CHECK bool local_check(const char *dir, const char *address, bool stop_writer,
                            struct local_check *out, struct error *err);
void local_check_clear(struct local_check *check);
AUTO_VALUE(struct local_check, local_check_clear)
